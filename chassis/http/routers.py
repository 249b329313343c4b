"""Declare the routes of one noun, whose requests each run as one transaction; each is made when it is first asked for.

Making a route costs milliseconds: its models, its dependencies, two type adapters. Four services have hundreds, of
which a running program is asked for few, and none before it is ready.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from chassis.http.unit_route import UnitRoute

# FastAPI says so where it makes an adapter of a parameter; an adapter of a model whose validator is made at its first
# use (chassis.types.Model) is made later.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


@dataclass(frozen=True, slots=True)
class Declared:
    """One route as its decorator told it, but for the application's prefix."""

    path: str
    endpoint: Callable[..., Any]
    options: Mapping[str, Any]


class NounRouter(APIRouter):
    """Takes declarations as FastAPI's router does, and keeps them."""

    def __init__(self, noun: str, *, prefix: str, route_class: type[APIRoute]) -> None:
        super().__init__(prefix=prefix, tags=[noun], route_class=route_class)
        self.declared: list[Declared] = []

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        told = {**options, "tags": [*self.tags, *(options.get("tags") or ())], "route_class_override": self.route_class}
        self.declared.append(Declared(self.prefix + path, endpoint, told))


class LateRoute(Route):
    """Stands in ``router`` for a declared route, which it makes at the first request."""

    def __init__(self, router: APIRouter, declared: Declared, prefix: str) -> None:
        super().__init__(prefix + declared.path, declared.endpoint)
        self.methods = set(declared.options["methods"])
        self._router = router
        self._options = declared.options
        self._made: APIRoute | None = None

    @property
    def made(self) -> APIRoute:
        """The route itself."""
        if self._made is None:
            self._router.add_api_route(self.path, self.endpoint, **self._options)
            self._made = cast("APIRoute", self._router.routes.pop())  # this one has its place in the list
        return self._made

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if self._made is None else self._made.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            scope.update(self.made.matches(scope)[1])
        await self.made.handle(scope, receive, send)


def service_router(noun: str, *, prefix: str = "", route_class: type[APIRoute] = UnitRoute) -> NounRouter:
    """The router of one noun, whose requests each run as one transaction."""
    return NounRouter(noun, prefix=prefix, route_class=route_class)
