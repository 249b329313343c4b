"""A hot handler takes one body and one write; anything else is refused when the route is made."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Response

from chassis.http.acting import writes
from chassis.http.hot import HotWrite, hot_writes
from chassis.http.hot_route import HotRoute
from chassis.http.routers import LateRoute, service_router
from chassis.security.scope import Permission, Role
from chassis.types import Model

NOTE = Permission("note", frozenset({Role.VILLAGE_CADRE}))


class Note(Model):
    words: str


Write = Annotated[HotWrite, hot_writes(NOTE)]


async def plain(body: Note, write: Write) -> Response:
    return Response()


async def with_query(body: Note, write: Write, loud: bool = False) -> Response:
    return Response()


async def with_path(note: UUID, body: Note, write: Write) -> Response:
    return Response()


async def without_write(body: Note, unit: Annotated[object, writes(NOTE)]) -> Response:
    return Response()


async def without_body(write: Write) -> Response:
    return Response()


def made(handler, path="/notes"):
    router = service_router("notes", route_class=HotRoute)
    router.post(path, operation_id="note_create")(handler)
    return LateRoute(APIRouter(), router.declared[0], "/v1/test").made


def test_one_body_and_one_write_make_a_hot_route():
    route = made(plain)
    assert (type(route), route.path, route.tags) == (HotRoute, "/v1/test/notes", ["notes"])


@pytest.mark.parametrize("handler", [with_query, with_path, without_write, without_body])
def test_another_handler_is_refused(handler):
    with pytest.raises(TypeError, match="a hot handler takes one body"):
        made(handler, "/notes/{note}" if handler is with_path else "/notes")
