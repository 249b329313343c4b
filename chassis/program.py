"""Hold what one running program shares: settings, database, keys, clock, tokens. Made once, at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from starlette.requests import HTTPConnection

from chassis.clock import Clock
from chassis.database.engine import Database
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Actor, Area, Assignment
from chassis.security.vault import Vault
from chassis.settings import ProgramSettings

T = TypeVar("T")


class Bearer(Protocol):
    """A verified token, as far as routes need it."""

    @property
    def subject(self) -> str: ...


Probe = Callable[[], Awaitable[dict[str, Any]]]
"""Answers ``{"ready": bool, …}`` for one part of a program."""


@dataclass
class Program:
    """One running program; ``app.state.program`` in an API, passed on in workers.

    :param verify: checks a bearer token and raises NotSignedIn.
    :param choose: picks the assignment that a request acts in, by its ``Acting-As`` header and the business date.
    :param events_written: called after a commit that wrote events, to wake the relay.
    :param probes: parts that ``/health/status`` asks beside the database.
    :param extras: what a service hangs here itself, by type.
    """

    name: str
    settings: ProgramSettings
    database: Database
    clock: Clock
    vault: Vault
    verify: Callable[[str], Awaitable[Bearer]]
    choose: Callable[[Any, UUID | None, date], Assignment]
    events_written: Callable[[], None] = lambda: None
    probes: dict[str, Probe] = field(default_factory=dict)
    extras: dict[type[Any], Any] = field(default_factory=dict)

    def unit(self, actor: Actor, *, area: Area | None = None, traceparent: str | None = None) -> UnitOfWork:
        """A unit of work for a job, a subscription or a sweep; use it as an async context manager."""
        return UnitOfWork(
            self.database, actor, self.clock, self.vault, area=area, traceparent=traceparent, extras=self.extras
        )

    def extra(self, kind: type[T]) -> T:
        """What a service hung on the program under its type."""
        found: T = self.extras[kind]
        return found

    async def close(self) -> None:
        await self.database.close()


def program_of(connection: HTTPConnection) -> Program:
    """The program that serves this request."""
    program: Program = connection.app.state.program
    return program
