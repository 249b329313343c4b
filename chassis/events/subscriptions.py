"""Pair an event type with the action that reacts to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope, Event

E = TypeVar("E", bound=Event)

Reaction = Callable[[UnitOfWork, E, Envelope], Awaitable[None]]
"""An action over the event's area, in the transaction that also marks the event as taken. It flushes, never commits."""


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


class PersonUnknown(Exception):
    """The event speaks of a person (or household) whose own event has not arrived. It waits, and no try is counted.

    :param id: the platform's id of the one awaited, which is no personal datum.
    """

    def __init__(self, id: UUID) -> None:  # noqa: A002  # every id is called id here
        super().__init__("not known yet")
        self.id = id
