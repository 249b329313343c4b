"""Answer from memory with what changes seldom: compressed once, and 304 to who has it already (RFC 9110 section 13)."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_WORTH_COMPRESSING: Final = 1400


class KeptAnswer:
    """One representation. ``etag`` is weak, because it names the compressed form too."""

    def __init__(self, body: bytes, media_type: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.body = body
        self.media_type = media_type
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", **(headers or {})}
        self._packed: bytes | None = None

    def respond(self, request: Request, *, vary: str = "Accept-Encoding") -> Response:
        """The answer to this request."""
        headers = {**self._headers, "ETag": self.etag, "Vary": vary}
        if _names(request.headers.getlist("if-none-match"), self.etag):
            return Response(status_code=304, headers=headers)
        body = self.body
        if len(body) > _WORTH_COMPRESSING and _takes_gzip(request.headers.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
            body = self._compressed()
        return Response(body, headers=headers, media_type=self.media_type)

    def _compressed(self) -> bytes:
        if self._packed is None:
            self._packed = gzip.compress(self.body, 6, mtime=0)
        return self._packed


def _names(given: list[str], etag: str) -> bool:
    tags = [tag.strip() for field in given for tag in field.split(",")]
    return "*" in tags or any(tag.removeprefix("W/") == etag.removeprefix("W/") for tag in tags)


def _takes_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return True
    return False
