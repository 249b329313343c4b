"""Let in who holds a token of our issuer, for our audience, in its time, and nobody else.

Access tokens are JWTs (RFC 9068) with the profile of RFC 8725: asymmetric signatures only, keys from the issuer's JWK
Set alone, every claim required and typed. A person's posts travel in the claim ``xianjie_assignments``.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from chassis.clock import Clock
from chassis.errors import Fault, InvalidInput, Message, NotAllowed, NotSignedIn
from chassis.security.jwks import ALGORITHMS, KeySource, VerificationKey
from chassis.security.scope import Assignment
from chassis.security.token_claims import ClaimsRefused, Token, read_claims, read_object

__all__ = ["Token", "TokenVerifier", "choose_assignment", "refusal"]

_FORM: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_NO_JWT: Final = "The access token is no JWT of at most the allowed size"
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
_REFUSED_HEADERS: Final = frozenset({"b64", "crit", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip"})
"""Headers that bring a key along, nest a token, or change how it is to be read."""

_WHY: Final = re.compile(r"[ !#-\[\]-~]{1,200}", re.ASCII)  # RFC 6750 section 3: what a quoted description may hold


@dataclass(frozen=True, slots=True)
class _Known:
    token: Token
    kid: str
    algorithm: str
    until: datetime


class TokenVerifier:
    """Verifies access tokens; verified ones are remembered until they expire, by their SHA-256."""

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str,
        clock: Clock,
        leeway_seconds: int = 30,
        lifetime_seconds_max: int = 43_200,
        token_bytes_max: int = 16_384,
        remembered_max: int = 10_000,
        is_revoked: Callable[[Token], bool] = lambda _: False,
    ) -> None:
        """
        :param leeway_seconds: how far the issuer's clock may differ from ours, 0 to 120.
        :param lifetime_seconds_max: tokens made for longer are refused, whatever they say.
        :param is_revoked: asked on every request, also for remembered tokens.
        """
        if not 0 <= leeway_seconds <= 120:
            raise ValueError("the leeway for tokens is 0 to 120 seconds")
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._leeway = leeway_seconds
        self._lifetime_max = lifetime_seconds_max
        self._bytes_max = token_bytes_max
        self._remembered_max = remembered_max
        self._is_revoked = is_revoked
        self._remembered: OrderedDict[bytes, _Known] = OrderedDict()
        self._jws = PyJWS(algorithms=ALGORITHMS)

    async def verify(self, text: str) -> Token:
        """The token, if it is good now.

        :raises NotSignedIn: with a ``WWW-Authenticate`` header that says why; the token is repeated nowhere.
        :raises Unavailable: if the issuer's keys cannot be had.
        """
        if len(text) > self._bytes_max or not text.isascii():
            raise refusal(_NO_JWT)
        digest = hashlib.sha256(text.encode()).digest()
        known = self._recalled(digest)
        if known is None:
            try:
                known = await self._judged(text)
            except ClaimsRefused as refused:
                raise refusal(str(refused)) from None
            self._remember(digest, known)
        if self._is_revoked(known.token):
            raise refusal("The access token was revoked; sign in again")
        return known.token

    def _recalled(self, digest: bytes) -> _Known | None:
        known = self._remembered.get(digest)
        if known is None:
            return None
        if known.until <= self._clock.system_now() or not self._keys.holds(known.kid, known.algorithm):
            del self._remembered[digest]
            return None
        self._remembered.move_to_end(digest)
        return known

    def _remember(self, digest: bytes, known: _Known) -> None:
        self._remembered[digest] = known
        if len(self._remembered) > self._remembered_max:
            self._remembered.popitem(last=False)

    async def _judged(self, text: str) -> _Known:
        if not _FORM.fullmatch(text):
            raise ClaimsRefused(_NO_JWT)
        kid, algorithm = self._header(text)
        key = await self._keys.key_for(kid, algorithm)
        if key is None:
            raise ClaimsRefused("The access token is signed with a key that the issuer does not publish")
        token = read_claims(
            self._payload(text, key),
            issuer=self._issuer,
            audience=self._audience,
            now=self._clock.system_now(),
            leeway_seconds=self._leeway,
            lifetime_seconds_max=self._lifetime_max,
        )
        return _Known(token, kid, algorithm, token.expires_at + timedelta(seconds=self._leeway))

    def _header(self, text: str) -> tuple[str, str]:
        header = read_object(text.split(".", 1)[0])
        if not _REFUSED_HEADERS.isdisjoint(header):
            raise ClaimsRefused("The access token has a header that is not accepted here")
        if str(header.get("typ")).lower() not in _TYPES:
            raise ClaimsRefused("The token is no access token: its typ must be at+jwt or JWT")
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise ClaimsRefused(f"The access token must be signed with {', '.join(ALGORITHMS)}")
        if not isinstance(kid, str) or not 0 < len(kid) <= 200:
            raise ClaimsRefused("The access token does not name the key it is signed with")
        return kid, algorithm

    def _payload(self, text: str, key: VerificationKey) -> bytes:
        try:
            decoded = self._jws.decode_complete(text, key=key.key, algorithms=[key.algorithm])
        except (PyJWTError, ValueError):
            raise ClaimsRefused("The signature of the access token does not hold") from None
        payload: bytes = decoded["payload"]
        return payload


def refusal(why: str) -> NotSignedIn:
    """The 401 for a token that is not good (RFC 6750 section 3.1).

    :param why: an English sentence of ours, without a full stop; it never holds anything from the token.
    """
    if not _WHY.fullmatch(why):
        raise ValueError("a reason fits into a quoted string of RFC 6750")
    challenge = f'Bearer error="invalid_token", error_description="{why}"'
    return NotSignedIn(
        Message("登录凭证无效或已过期，请重新登录。", f"{why}."), headers={"WWW-Authenticate": challenge}
    )


def choose_assignment(token: Token, acting_as: UUID | None, on: date) -> Assignment:
    """The post that a request acts in: the one its header ``Acting-As`` names, else the only or the main one.

    A person's main post is the only one in force that is no stand-in's.

    :param on: the business date.
    :raises NotAllowed: if the post is not the person's or not in force on that date, or there is none.
    :raises InvalidInput: if several posts are in force and the header does not choose.
    """
    if acting_as is not None:
        named = [post for post in token.assignments if post.id == acting_as]
        if not named or not named[0].holds_on(on):
            raise NotAllowed(
                Message(
                    "Acting-As 所指岗位不是您的或今天不在任期内，请改用您现任的岗位。",
                    "The post named by Acting-As is not yours or not in force today; name one that you hold.",
                )
            )
        return named[0]
    in_force = [post for post in token.assignments if post.holds_on(on)]
    if not in_force:
        raise NotAllowed(
            Message(
                "您目前没有在任岗位，请联系安全管理员。",
                "You hold no post that is in force today; ask the security administrator.",
            )
        )
    for posts in (in_force, [post for post in in_force if post.stands_in_for is None]):
        if len(posts) == 1:
            return posts[0]
    message = Message(
        "您同时担任多个岗位，请用 Acting-As 请求头写明本次以哪个岗位办理。",
        "You hold several posts; say in the header Acting-As which one you act in.",
    )
    raise InvalidInput(message, faults=[Fault("acting-as", "acting_as_missing", message)])
