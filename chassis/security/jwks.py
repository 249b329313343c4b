"""Know the public keys of the tokens' issuer, given at start or fetched, without letting a token choose them.

Only signing keys for ES256, EdDSA (Ed25519), RS256 and PS256 are taken, RSA from 2,048 bits; whatever else stands in
a JWK Set (RFC 7517) is left aside. A key is good for its own algorithm alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from chassis.errors import Message, Unavailable

ALGORITHMS: Final = ("ES256", "EdDSA", "RS256", "PS256")
"""All asymmetric: with a symmetric one whoever can verify could sign."""

_ALGORITHMS_OF_KIND: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("RSA", None): ("RS256", "PS256"),
}
_RSA_BITS_MIN: Final = 2048
_DOCUMENT_BYTES_MAX: Final = 262_144
_KEYS_MAX: Final = 100

_log = structlog.get_logger(__name__)

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


class JwksUnreadable(ValueError):
    """What was given or fetched as a JWK Set is none, or holds no key that we can use."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, for one algorithm."""

    kid: str
    algorithm: str
    key: PublicKey


class KeySource(Protocol):
    """Where a verifier finds its keys."""

    async def key_for(self, kid: str, algorithm: str) -> VerificationKey | None:
        """The key that the issuer publishes under this id for this algorithm, if any.

        :raises Unavailable: if the issuer's keys cannot be had at all.
        """
        ...

    def holds(self, kid: str, algorithm: str) -> bool:
        """Whether the key is known at this moment, without waiting: so that a withdrawn key ends cached tokens too."""
        ...


class Jwks:
    """The usable keys of one JWK Set; a :class:`KeySource` that never changes."""

    def __init__(self, document: object) -> None:
        """
        :param document: the decoded JSON.
        :raises JwksUnreadable: if it is no JWK Set, has no usable key, or gives two keys one id.
        """
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list) or len(entries) > _KEYS_MAX:
            raise JwksUnreadable("this is no JWK Set: a JSON object with a list `keys`")
        self._keys: dict[tuple[str, str], VerificationKey] = {}
        for entry in entries:
            for key in _usable(entry):
                if (key.kid, key.algorithm) in self._keys:
                    raise JwksUnreadable("two keys of the JWK Set share one `kid`")
                self._keys[key.kid, key.algorithm] = key
        if not self._keys:
            raise JwksUnreadable(f"the JWK Set has no signing key with a `kid` for {', '.join(ALGORITHMS)}")

    async def key_for(self, kid: str, algorithm: str) -> VerificationKey | None:
        return self.find(kid, algorithm)

    def find(self, kid: str, algorithm: str) -> VerificationKey | None:
        """Like :meth:`key_for`, without waiting."""
        return self._keys.get((kid, algorithm))

    def holds(self, kid: str, algorithm: str) -> bool:
        return (kid, algorithm) in self._keys


def _usable(entry: object) -> list[VerificationKey]:
    if not isinstance(entry, dict) or not isinstance(kid := entry.get("kid"), str) or not kid:
        return []
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return []
    kind = (str(entry.get("kty")), None if entry.get("kty") == "RSA" else str(entry.get("crv")))
    stated = entry.get("alg")
    algorithms = [name for name in _ALGORITHMS_OF_KIND.get(kind, ()) if stated in (None, name)]
    keys = [(name, _public_key(entry, name)) for name in algorithms]
    return [VerificationKey(kid, name, key) for name, key in keys if key is not None]


def _public_key(entry: dict[str, Any], algorithm: str) -> PublicKey | None:
    try:
        key = PyJWK(entry, algorithm).key
    except (PyJWTError, TypeError, ValueError, KeyError):
        return None
    if isinstance(key, RSAPublicKey):
        return key if key.key_size >= _RSA_BITS_MIN else None
    if isinstance(key, EllipticCurvePublicKey):
        return key if isinstance(key.curve, SECP256R1) else None
    # A private key that got published is nobody's key any more, so it is left aside like all other kinds.
    return key if isinstance(key, Ed25519PublicKey) else None


class FetchedJwks:
    """The keys behind a URL: fetched when first needed and then in the background, kept over short outages.

    An unknown key id makes at most one fetch per ``refresh_seconds_min``, however many tokens come with one. If the
    issuer cannot be reached, the last keys serve for ``stale_seconds_max``; after that, and before the first success,
    tokens cannot be judged and callers get 503.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        monotonic: Callable[[], float],
        fresh_seconds: float = 300,
        refresh_seconds_min: float = 15,
        stale_seconds_max: float = 3600,
        fetch_seconds_max: float = 5,
    ) -> None:
        """
        :param client: made and closed by the caller.
        :param monotonic: seconds that never run backwards; ``time.monotonic`` outside tests.
        """
        if httpx.URL(url).scheme not in ("http", "https"):
            raise ValueError("the address of the issuer's keys begins with https:// or http://")
        self._url = url
        self._client = client
        self._monotonic = monotonic
        self._fresh_seconds = fresh_seconds
        self._refresh_seconds_min = refresh_seconds_min
        self._stale_seconds_max = stale_seconds_max
        self._fetch_seconds_max = fetch_seconds_max
        self._keys: Jwks | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key_for(self, kid: str, algorithm: str) -> VerificationKey | None:
        keys = self._usable_now()
        found = keys.find(kid, algorithm) if keys else None
        if found is None:
            await self._refresh()
            keys = self._usable_now()
            if keys is None:
                raise Unavailable(
                    Message(
                        "暂时无法向登录服务核实身份，请稍后重试。",
                        "The issuer of tokens cannot be reached, so nobody can be let in; retry later.",
                    ),
                    retry_after_seconds=max(1, round(self._refresh_seconds_min)),
                )
            found = keys.find(kid, algorithm)
        return found

    def holds(self, kid: str, algorithm: str) -> bool:
        keys = self._usable_now()
        return keys is not None and keys.holds(kid, algorithm)

    async def aclose(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _usable_now(self) -> Jwks | None:
        """The keys unless they are too old, starting a fetch in the background once they are no longer fresh."""
        age = self._monotonic() - self._fetched_at
        if self._keys is not None and age > self._fresh_seconds:
            self._start()
        return self._keys if age <= self._stale_seconds_max else None

    async def _refresh(self) -> None:
        task = self._start()
        if task is not None:
            await asyncio.shield(task)  # one caller who hangs up must not end the fetch of all

    def _start(self) -> asyncio.Task[None] | None:
        """The fetch under way, or a new one if the last try is long enough ago."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        now = self._monotonic()
        if now - self._tried_at < self._refresh_seconds_min:
            return None
        self._tried_at = now
        self._fetching = asyncio.get_running_loop().create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._fetch_seconds_max):
                document = await self._document()
            self._keys = Jwks(document)
        except (httpx.HTTPError, JwksUnreadable, TimeoutError) as fault:
            _log.warning("issuer_keys_not_fetched", url=self._url, reason=str(fault) or type(fault).__name__)
        else:
            self._fetched_at = self._monotonic()

    async def _document(self) -> object:
        body = bytearray()
        plain = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }  # compressed, a small answer could be huge
        async with self._client.stream("GET", self._url, headers=plain, follow_redirects=False) as response:
            if response.status_code != httpx.codes.OK:
                raise JwksUnreadable(f"the issuer answered {response.status_code} for its keys")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise JwksUnreadable("the issuer answered with compressed keys although asked not to")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _DOCUMENT_BYTES_MAX:
                    raise JwksUnreadable(f"the issuer's JWK Set is larger than {_DOCUMENT_BYTES_MAX} bytes")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise JwksUnreadable("the issuer's JWK Set is no JSON") from None
