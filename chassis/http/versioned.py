"""Answer 304 to who has a document as it is: its ETag names the version, for If-Match, and the very bytes.

The version alone would not do for If-None-Match. What is shown of a document depends on who asks and in which language,
and on more than its own row: a household shows its members, a clue whether it is overdue today.
"""

from __future__ import annotations

from typing import Final

import orjson
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.http.reference import content_tag, is_reference, tagged

_VERSIONS: Final = ("revision", "version")
"""What If-Match takes, in a document that has several numbers: the first of these."""


def version_field(route: APIRoute) -> str | None:
    """The field with the version of the document that a route reads; None for any other route."""
    model = route.response_model
    if "GET" not in route.methods or is_reference(route.endpoint):
        return None
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        return None
    return next((name for name in _VERSIONS if name in model.model_fields), None)


def tagged_document(request: Request, response: Response, field: str) -> Response:
    """The response with its tag, ``"7.<digest>"``, or a 304 without its body for who has it."""
    if response.status_code == 200 and isinstance(response.body, bytes):
        version = orjson.loads(response.body)[field]
        digest = content_tag(response.body).strip('"')
        # What was never set has no version yet, and its first one is written without If-Match.
        response.headers["ETag"] = f'"{version}.{digest}"' if version else f'"{digest}"'
    return tagged(request, response)
