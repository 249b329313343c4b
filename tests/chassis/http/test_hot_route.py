"""A hot handler takes one body and one write; anything else is refused when its route is made."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import pytest
from fastapi import Response

from chassis.http.acting import writes
from chassis.http.hot import HotWrite, hot_writes
from chassis.http.hot_route import hot_router
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


def test_one_body_and_one_write_make_a_hot_route():
    hot_router("notes").post("/notes", operation_id="note_create")(plain)


@pytest.mark.parametrize("handler", [with_query, with_path, without_write, without_body])
def test_another_handler_is_refused(handler):
    path = "/notes/{note}" if handler is with_path else "/notes"
    with pytest.raises(TypeError, match="a hot handler takes one body"):
        hot_router("notes").post(path, operation_id="note_create")(handler)
