"""Pair an event type with the action that reacts to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope, Event

E = TypeVar("E", bound=Event)

Reaction = Callable[[UnitOfWork, E, Envelope], Awaitable[None]]
"""An action over the event's area, in the transaction that also marks the event as taken. It flushes, never commits."""

Keeping = Callable[[UnitOfWork, Sequence[tuple[E, Envelope]]], Awaitable[None]]
"""An action that takes the newest states of many things at once, each thing once. It flushes, never commits."""

Forget = Callable[[AsyncConnection], Awaitable[None]]
"""Empties what the actions of a consumer built, over the whole country, so that it can be built anew."""


@dataclass(frozen=True, slots=True)
class Subscription(Generic[E]):
    """One reaction of a service to another's events.

    :param event: the class of the contract; the action gets its data validated, unknown fields dropped.
    :param action: may record events of its own; they leave with the same commit.
    :param makes_known: the event introduces its subject: whatever waits for that person is retried at once.
    """

    event: type[E]
    action: Reaction[E]
    makes_known: bool = False


@dataclass(frozen=True, slots=True)
class StateSubscription(Generic[E]):
    """A copy that a service keeps of another's full-state events.

    The states of a batch come together, of each thing only the newest. The action works over the whole country, not the
    event's area: what an event tells of may have moved there from anywhere.

    :param event: as in :class:`Subscription`; it must tell the full state.
    :param makes_known: likewise.
    """

    event: type[E]
    keep: Keeping[E]
    makes_known: bool = False

    def __post_init__(self) -> None:
        if not self.event.full_state:
            raise TypeError(f"{self.event.__name__} does not tell the full state: react to each of its events")

    def validate(self, data: Sequence[Mapping[str, Any]]) -> Sequence[E]:
        """The data of many events, checked in one call.

        :raises ValidationError: if any of it is not what the contract says.
        """
        checked: Sequence[E] = _many(self.event).validate_python(data)
        return checked


@cache
def _many(event: type[Event]) -> TypeAdapter[Any]:
    return TypeAdapter(list[event])  # type: ignore[valid-type]  # a class of its own for each


AnySubscription: TypeAlias = Subscription[Any] | StateSubscription[Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """What a service keeps of other services' full-state events, and how to build it again.

    It is a consumer group of its own, ``<service>.<name>``, so that it can be forgotten and heard anew without
    unlearning what else the service reacted to.
    """

    name: str
    subscriptions: Sequence[StateSubscription[Any]]
    forget: Forget


class PersonUnknown(Exception):
    """The event speaks of a person (or household) whose own event has not arrived. It waits, and no try is counted.

    :param id: the platform's id of the one awaited, which is no personal datum.
    """

    def __init__(self, id: UUID) -> None:  # noqa: A002  # every id is called id here
        super().__init__("not known yet")
        self.id = id
