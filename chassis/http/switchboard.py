"""Find a request's route by its method and shape in a table, instead of trying every route's pattern in turn.

With a hundred routes the turn costs more than the rest of the framework together (measured; see ADR 0004). HEAD is
answered as GET without the body, and a wrong method with all that the address takes (RFC 9110, sections 9.1 and 10.2.1:
the framework names those of one route). Whatever else the table does not know goes the framework's own way.
"""

from __future__ import annotations

from collections import defaultdict

from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.routers import LateRoute, NounRouter

_Shape = tuple[str, int, str]
_NOUN = 3  # "/v1/<service>/<noun>/…" split at the slashes


class Switchboard:
    """Stands before a router whose routes are all added, and hands the rest on to it."""

    def __init__(self, router: APIRouter) -> None:
        self._otherwise: ASGIApp = router.app
        self._routes: dict[_Shape, list[Route]] = defaultdict(list)
        for route in router.routes:
            if isinstance(route, APIRoute | LateRoute):
                for method in route.methods or ():
                    self._routes[_shape(method, route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                scope, send = {**scope, "method": "GET"}, _bodiless(send)
            for route in self._routes.get(_shape(scope["method"], scope["path"]), ()):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope.update(child_scope)
                    await route.handle(scope, receive, send)
                    return
            if allowed := self._allowed(scope):
                raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        await self._otherwise(scope, receive, send)

    def _allowed(self, scope: Scope) -> set[str]:
        """The methods that an address takes, all of its routes together; none for an address that is not there."""
        _, length, noun = _shape("", scope["path"])
        found = {
            method
            for (method, *where), routes in self._routes.items()
            if where == [length, noun] and any(route.matches(scope)[0] is not Match.NONE for route in routes)
        }
        return found | {"HEAD"} if "GET" in found else found


def _bodiless(send: Send) -> Send:
    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body


def _shape(method: str, path: str) -> _Shape:
    parts = path.split("/")
    return method, len(parts), parts[_NOUN] if len(parts) > _NOUN else ""


def add_flat(target: APIRouter, source: APIRouter, prefix: str) -> None:
    """Add every route of ``source`` to ``target`` itself: an included router is matched twice on each request."""
    if isinstance(source, NounRouter):
        target.routes.extend(LateRoute(target, declared, prefix) for declared in source.declared)
        return
    for context in iter_route_contexts(source.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or context.path is None:
            raise TypeError(f"{route} is no API route")
        target.add_api_route(
            prefix + context.path,
            route.endpoint,
            include_in_schema=route.include_in_schema,
            methods=route.methods,
            name=route.name,
        )


def all_made(router: APIRouter) -> list[BaseRoute]:
    """The routes of ``router`` in the order of declaration, those made too that no request has asked for yet."""
    return [route.made if isinstance(route, LateRoute) else route for route in router.routes]
