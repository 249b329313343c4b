"""Call a hot handler with what it needs, found when the route was made instead of on each request.

The framework's way from a route to its handler costs as much as the handler of a hot write (measured, see ADR 0001). A
request that is plainly right takes the short way; whatever is not (another content type, a query, a body that does
not hold) goes the ordinary way, which words the refusal. The route is declared and documented like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from chassis.http.edge import Replayed
from chassis.http.hot import HotActing
from chassis.http.unit_route import StrictRequest, UnitRoute

_JSON: Final = (b"content-type", b"application/json")


class HotRoute(UnitRoute):
    """The route class of a handler that takes one body, a model, and one write, by ``hot_writes``:
    ``service_router("clues", route_class=HotRoute)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        ordinary = super().get_route_handler()
        handler: Callable[..., Coroutine[Any, Any, Response]] = self.dependant.call  # type: ignore[assignment]
        body_name, model, write_name, acting = _needs(self)

        async def handle(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            body = await _plain_body(request, model)
            if body is None:
                return await ordinary(request)
            write = await acting(request)
            try:
                return await handler(**{body_name: body, write_name: write})
            except Replayed as replayed:
                return replayed.response
            except (DBAPIError, PoolTimeout):
                return await ordinary(request)  # nothing was written; it knows how often to run again

        return handle


def _needs(route: APIRoute) -> tuple[str, type[BaseModel], str, HotActing]:
    """The names and kinds of a hot handler's two parameters.

    :raises TypeError: if it takes anything else.
    """
    given = route.dependant
    others = (given.path_params, given.query_params, given.header_params, given.cookie_params)
    if not any(others) and len(given.body_params) == len(given.dependencies) == 1:
        [body], [write] = given.body_params, given.dependencies
        model = body.field_info.annotation
        if (
            isinstance(model, type)
            and issubclass(model, BaseModel)
            and isinstance(write.call, HotActing)
            and write.name
        ):
            return body.name, model, write.name, write.call
    raise TypeError(f"{route.path}: a hot handler takes one body, a model, and one write, by hot_writes")


async def _plain_body(request: Request, model: type[BaseModel]) -> BaseModel | None:
    """The body, if the request is plainly right."""
    if request.scope["query_string"] or _JSON not in request.scope["headers"]:
        return None
    try:
        return model.model_validate(orjson.loads(await request.body()))
    except (orjson.JSONDecodeError, ValidationError):
        return None
