"""Answer 304 to who has a document as it is: its ETag names the version, for If-Match, and the very bytes.

The version alone would not do for If-None-Match. What is shown of a document depends on who asks and in which language,
and on more than its own row: a household shows its members, a clue whether it is overdue today.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

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
    models = _models(route.response_model)
    if "GET" not in (route.methods or ()) or is_reference(route.endpoint):
        return None
    if not all(isinstance(model, type) and issubclass(model, BaseModel) for model in models):
        return None
    return next((name for name in _VERSIONS if all(name in model.model_fields for model in models)), None)


def _models(answer: Any) -> tuple[Any, ...]:
    """What an answer may be: of a union, of one told apart by a field too, each."""
    if get_origin(answer) is Annotated:
        answer = get_args(answer)[0]
    return get_args(answer) if get_origin(answer) in (Union, UnionType) else (answer,)


def tagged_document(request: Request, response: Response, field: str) -> Response:
    """The response with its tag, ``"7.<digest>"``, or a 304 without its body for who has it."""
    if response.status_code == 200 and isinstance(response.body, bytes):
        version = orjson.loads(response.body)[field]
        digest = content_tag(response.body).strip('"')
        # What was never set has no version yet, and its first one is written without If-Match.
        response.headers["ETag"] = f'"{version}.{digest}"' if version else f'"{digest}"'
    return tagged(request, response)
