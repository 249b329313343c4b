"""Read the claims of a token whose signature holds: each one required, typed, and in its time.

The claim ``xianjie_assignments`` is a list of posts::

    {"id": "<uuid>", "role": "department_clerk", "region": "610999000000", "department": "medical_insurance",
     "starts_on": "2024-01-01", "ends_on": "2024-12-31", "stands_in_for": "<subject>"}

with the last four only where they apply.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

from chassis.security.grants import post_faults
from chassis.security.scope import Assignment, Role

ASSIGNMENTS_CLAIM: Final = "xianjie_assignments"
ASSIGNMENTS_MAX: Final = 64
PROGRAM_PREFIX: Final = "program:"
"""How the subjects of the platform's own actors begin; no issuer may claim one."""

_TEXT_MAX: Final = 200
_INSTANT_MAX: Final = 253_402_300_800  # the year 10000
_FIELDS: Final = frozenset({"id", "role", "region", "department", "starts_on", "ends_on", "stands_in_for"})
_REGION: Final = re.compile(r"[1-9][0-9]{11}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)


class ClaimsRefused(Exception):
    """A token is not good; the text is a sentence of ours that holds nothing from the token."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a verified access token says.

    :param subject: the person's stable id at the issuer.
    :param username: for display only; it may be a person's name and stays out of logs.
    :param expires_at: the instant from which it is no longer good.
    :param id: ``jti``, by which a token is revoked.
    """

    subject: str
    username: str = field(repr=False)
    assignments: tuple[Assignment, ...]
    expires_at: datetime
    id: str


def read_claims(
    payload: bytes,
    *,
    issuer: str,
    audience: str,
    now: datetime,
    leeway_seconds: int,
    lifetime_seconds_max: int,
) -> Token:
    """Judge the payload of a token whose signature was verified.

    :raises ClaimsRefused: naming the first claim that is not good.
    """
    claims = _object(payload)
    if claims.get("iss") != issuer:
        raise ClaimsRefused("The access token comes from another issuer")
    if not _is_audience(claims.get("aud"), audience):
        raise ClaimsRefused("The access token is meant for another audience")
    if claims.get("typ", "Bearer") != "Bearer":  # Keycloak tells ID and refresh tokens from access tokens by this
        raise ClaimsRefused("The token is no access token")
    return Token(
        subject=_subject(claims),
        username=_text(claims, "preferred_username"),
        assignments=_assignments(claims.get(ASSIGNMENTS_CLAIM)),
        expires_at=datetime.fromtimestamp(_expiry(claims, now.timestamp(), leeway_seconds, lifetime_seconds_max), UTC),
        id=_text(claims, "jti"),
    )


def read_object(segment: str) -> dict[str, Any]:
    """A JSON object from a base64url segment without padding.

    :raises ClaimsRefused: if it is none, or if a name stands in it twice.
    """
    if len(segment) % 4 == 1:
        raise ClaimsRefused("The access token is not well formed")
    return _object(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def assignment_claim(post: Assignment) -> dict[str, str]:
    """A post as it stands in the claim; :func:`read_claims` reads it back."""
    claim = {"id": str(post.id), "role": post.role.value, "region": f"{post.region:012d}"}
    if post.department is not None:
        claim["department"] = post.department
    if post.starts_on != date.min:
        claim["starts_on"] = post.starts_on.isoformat()
    if post.ends_on is not None:
        claim["ends_on"] = post.ends_on.isoformat()
    if post.stands_in_for is not None:
        claim["stands_in_for"] = post.stands_in_for
    return claim


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text.decode(), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ClaimsRefused("The access token is not well formed") from None
    if not isinstance(value, dict):
        raise ClaimsRefused("The access token is not well formed")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of a repeated name may each take another value: refuse it."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


def _is_audience(claim: object, audience: str) -> bool:
    if isinstance(claim, str):
        return claim == audience
    return isinstance(claim, list) and all(isinstance(name, str) for name in claim) and audience in claim


def _subject(claims: dict[str, Any]) -> str:
    subject = _text(claims, "sub")
    if subject.startswith(PROGRAM_PREFIX):
        raise ClaimsRefused("The subject of the access token is kept for the platform's own programs")
    return subject


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX or not value.isprintable():
        raise ClaimsRefused(f"The access token lacks a usable claim {name}")
    return value


def _instant(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _INSTANT_MAX:
        raise ClaimsRefused(f"The access token lacks a usable claim {name}")
    return value


def _expiry(claims: dict[str, Any], now: float, leeway: int, lifetime_max: int) -> int:
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    valid_from = _instant(claims, "nbf") if "nbf" in claims else issued
    if expires + leeway <= now:
        raise ClaimsRefused("The access token has expired; sign in again")
    if max(issued, valid_from) > now + leeway:
        raise ClaimsRefused("The access token is not yet valid")
    if not 0 < expires - issued <= lifetime_max or expires <= valid_from:
        raise ClaimsRefused("The access token is made for a longer time than is accepted here, or for none")
    return expires


def _assignments(claim: object) -> tuple[Assignment, ...]:
    if not isinstance(claim, list) or len(claim) > ASSIGNMENTS_MAX:
        raise ClaimsRefused(f"The access token lacks a usable claim {ASSIGNMENTS_CLAIM}")
    posts = tuple(_assignment(entry) for entry in claim)
    if len({post.id for post in posts}) != len(posts):
        raise ClaimsRefused(f"The claim {ASSIGNMENTS_CLAIM} names one post twice")
    return posts


def _assignment(entry: object) -> Assignment:
    if not isinstance(entry, dict) or not entry.keys() <= _FIELDS:
        raise ClaimsRefused(f"The claim {ASSIGNMENTS_CLAIM} has an unknown shape")
    try:
        post = Assignment(
            id=_uuid(entry.get("id")),
            role=Role(_matching(_CODE, entry.get("role"))),
            region=int(_matching(_REGION, entry.get("region"))),
            department=_optional(_CODE, entry, "department"),
            starts_on=_day(entry, "starts_on") or date.min,
            ends_on=_day(entry, "ends_on"),
            stands_in_for=_text(entry, "stands_in_for") if "stands_in_for" in entry else None,
        )
    except ValueError:
        raise ClaimsRefused(f"The claim {ASSIGNMENTS_CLAIM} holds a post that cannot be read") from None
    if post_faults(post):
        raise ClaimsRefused(f"The claim {ASSIGNMENTS_CLAIM} holds a post that its role does not allow")
    return post


def _uuid(value: object) -> UUID:
    if not isinstance(value, str) or str(UUID(value)) != value:
        raise ValueError("no UUID in its usual form")
    return UUID(value)


def _matching(form: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError("not of the form asked for")
    return value


def _optional(form: re.Pattern[str], entry: dict[str, Any], name: str) -> str | None:
    return _matching(form, entry[name]) if name in entry else None


def _day(entry: dict[str, Any], name: str) -> date | None:
    text = _optional(_DAY, entry, name)
    return None if text is None else date.fromisoformat(text)
