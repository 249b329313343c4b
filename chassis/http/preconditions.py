"""Let nobody overwrite what he has not read: versions as ETags, If-Match on every change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from starlette.requests import Request

from chassis.errors import Message, VersionMissing, VersionStale

F = TypeVar("F", bound=Callable[..., Any])
_VERSION: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,17})(?:\.[0-9a-f]{32})?"', re.ASCII)


def etag(version: int) -> str:
    """The ETag of a document's version: ``"7"``. Read, it has a digest behind it, see :mod:`chassis.http.versioned`."""
    return f'"{version}"'


def expected_version(request: Request) -> int:
    """The version that the client read, from If-Match.

    :raises VersionMissing: without the header (428).
    :raises VersionStale: if the header names no version of ours; it cannot be the present one (412).
    """
    header = request.headers.get("if-match")
    if header is None:
        raise VersionMissing
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise VersionStale
    return int(match[1])


def require_version(expected: int, current: int) -> None:
    """Refuse a change of something that has moved on.

    :raises VersionStale: with the current version in the problem and the ETag.
    """
    if expected != current:
        raise VersionStale(
            Message(
                f"当前版本为 {current}，请刷新后重试。", f"The current version is {current}; read it again and retry."
            ),
            headers={"ETag": etag(current)},
            extra={"current_version": current},
        )


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names ``tag``, so that 304 is the answer; it compares weakly (RFC 9110 section 8.8.3.2)."""
    given = [part.strip() for field in request.headers.getlist("if-none-match") for part in field.split(",")]
    return "*" in given or tag.removeprefix("W/") in (part.removeprefix("W/") for part in given)


def needs_version(endpoint: F) -> F:
    """Mark a route's function as one that reads :func:`expected_version`, so that the API document says so."""
    endpoint.needs_version = True  # type: ignore[attr-defined]
    return endpoint


def takes_version(endpoint: F) -> F:
    """Mark one that needs If-Match only where it replaces something: without it 428, with an old one 412."""
    endpoint.takes_version = True  # type: ignore[attr-defined]
    return endpoint
