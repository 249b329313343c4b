"""Answer from memory with what changes seldom: compressed once, and 304 to who has it already (RFC 9110 section 13)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from chassis.http.preconditions import is_unchanged
from chassis.http.reference import content_tag

_WORTH_COMPRESSING: Final = 1400


class KeptAnswer:
    """One document, plain and compressed; each form has a strong ETag of its own."""

    def __init__(self, body: bytes, media_type: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.body = body
        self.media_type = media_type
        self.etag = content_tag(body)
        self._packed_etag = content_tag(body, form="-gzip")
        self._headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", **(headers or {})}
        self._packed: bytes | None = None

    def respond(self, request: Request, *, vary: str = "Accept-Encoding") -> Response:
        """The answer to this request."""
        packs = len(self.body) > _WORTH_COMPRESSING and _takes_gzip(request.headers.get("accept-encoding", ""))
        headers = {**self._headers, "ETag": self._packed_etag if packs else self.etag, "Vary": vary}
        for tag in (headers["ETag"], self.etag, self._packed_etag):
            if is_unchanged(request, tag):  # what the client holds is whole, in whichever form it came
                return Response(status_code=304, headers={**headers, "ETag": tag})
        if not packs:
            return Response(self.body, headers=headers, media_type=self.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self._compressed(), headers=headers, media_type=self.media_type)

    def _compressed(self) -> bytes:
        if self._packed is None:
            self._packed = gzip.compress(self.body, 6, mtime=0)
        return self._packed


def _takes_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return True
    return False
