"""Define a kind of operation that a phone may hand in: which action does it, and what an edit may collide with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.security.scope import Permission
from chassis.types import Model

B = TypeVar("B", bound=Model)


@dataclass(frozen=True, slots=True)
class Call(Generic[B]):
    """One operation on its way to its action.

    :ivar entity_id: the thing that it is about.
    :ivar made_on: the day on which the phone made it, not that on which it was handed in.
    """

    unit: UnitOfWork
    op_id: UUID
    entity_id: UUID
    body: B
    made_on: date
    language: Language

    def dated(self, day: str, **also: Any) -> B:
        """The body with ``also``; where it leaves ``day`` open, that is the day on which the phone made it."""
        told = {} if getattr(self.body, day) is not None else {day: self.made_on}
        return self.body.model_copy(update=told | also)


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation left behind: the thing that it changed or made, and its version if it has one."""

    entity_id: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit held against the present state of its thing, which stays locked.

    :ivar version: the present one.
    :ivar fields: names of the fields that it would change, as the change feed calls them.
    :ivar yours: their values as the edit gives them, and ``theirs`` as they are, both as the caller may see them.
    """

    version: int
    fields: frozenset[str]
    yours: Mapping[str, Any]
    theirs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OperationKind(Generic[B]):
    """One kind of operation.

    :param name: stable: phones keep it for weeks.
    :param permission: of the single route; the post that hands in needs it.
    :param body: of the single route too.
    :param create: the action of a kind that changes no version, such as a report.
    :param change: the action of an edit, by the version that it is to find;
        :raises VersionStale: before it writes anything, if that is not the present one.
    :param edit: what the edit would change of the present state; errors as the action's.
    :param thing: kind of what it edits, as the change feed calls it.
    """

    name: str
    permission: Permission
    body: type[B]
    create: Callable[[Call[B]], Awaitable[Done]] | None = None
    change: Callable[[Call[B], int], Awaitable[Done]] | None = None
    edit: Callable[[Call[B]], Awaitable[Edit]] | None = None
    thing: str = ""

    def __post_init__(self) -> None:
        if (self.create is None) == (self.change is None) or (self.change is None) != (self.edit is None):
            raise TypeError(f"{self.name}: give `create`, or `change` with `edit`")
        if (self.change is None) != (not self.thing):
            raise TypeError(f"{self.name}: say which thing it edits")
