"""Judged households on their way into rows: what the rules let in, and the ids it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import uuid_utils

from chassis.errors import Message

Id: TypeAlias = UUID | uuid_utils.UUID


class Doubt(NamedTuple):
    """A doubt about a household, or about the member at a place of it."""

    member: int | None
    code: str
    field: str
    message: Message


class Judged(NamedTuple):
    """A household that the rules let in: its place among the pieces, its document, what is doubtful about it."""

    ord: int
    document: Mapping[str, Any]
    doubts: Sequence[Doubt]


class Home(NamedTuple):
    """A judged household with its ids.

    :param shared: the fields that its members' rows begin with; ``told``: what their events say of it.
    :param named: whether it, or a member, carries an id or a national number by which it may be known already.
    """

    judged: Judged
    id: Id
    region: int
    members: Sequence[Id]
    shared: bytes
    told: str
    named: bool

    def __repr__(self) -> str:
        return f"Home({self.id})"
