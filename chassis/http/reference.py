"""Send reference data only to who does not have it yet: a strong ETag of the content, and 304 to If-None-Match.

Divisions, code lists, parameters and the like are asked for often and change seldom. The tag is made of the bytes that
would be sent, so it is right whatever they are made of: rows, the day, the reader's area or language, the release. Only
the transfer is saved; the reading takes place, and with it the check of who may read (RFC 9110 section 13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from chassis.http.preconditions import is_unchanged

F = TypeVar("F", bound=Callable[..., Any])
_DECLARED: Final = "xianjie_is_reference"
_CACHE: Final = "private, no-cache"
"""Kept by the client alone, since what is shown depends on the post that asks, and asked about before each use."""

_KEPT: Final = ("etag", "cache-control", "content-location", "date", "expires", "vary", "content-language")


def reference_data(endpoint: F) -> F:
    """Mark a reading route's function: its 200 gets ETag and Cache-Control, and If-None-Match its 304."""
    setattr(endpoint, _DECLARED, True)
    return endpoint


def is_reference(endpoint: Callable[..., Any] | None) -> bool:
    """Whether the route of ``endpoint`` answers 304."""
    return getattr(endpoint, _DECLARED, False)


def tagged(request: Request, response: Response) -> Response:
    """The response with its tag, or a 304 without its body for who has it.

    A tag that the route set itself, the version that If-Match takes, is kept.
    """
    if response.status_code != 200 or not hasattr(response, "body"):
        return response
    tag = response.headers.setdefault("ETag", content_tag(response.body))
    response.headers.setdefault("Cache-Control", _CACHE)
    response.headers.setdefault("Vary", "Accept-Language, Acting-As")
    if not is_unchanged(request, tag):
        return response
    kept = {name: value for name, value in response.headers.items() if name.lower() in _KEPT}
    return Response(status_code=304, headers=kept)


def content_tag(body: bytes | memoryview, *, form: str = "") -> str:
    """A strong tag of a representation; ``form`` tells an encoded one from the plain one."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}{form}"'
