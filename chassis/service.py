"""Describe one bounded service to the chassis, which then serves, works, migrates and documents it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.events.event import Event

if TYPE_CHECKING:
    from fastapi import APIRouter

    from chassis.events.subscriptions import AnySubscription, Projection
    from chassis.jobs.definition import JobKind
    from chassis.jobs.periodic import Periodic
    from chassis.jobs.sweeps import Sweep
    from chassis.operations.definition import OperationKind
    from chassis.parameters.catalogue import Catalogue
    from chassis.program import Program


async def _no_areas(_program: Program) -> Sequence[int]:
    return ()


@dataclass(frozen=True)
class Service:
    """What a service consists of; its ``app.py`` makes exactly one.

    :param name: also its database's, its topics' and its path's name.
    :param tables: metadata of its own tables; the kernel's come beside them.
    :param migrations: folder of its Alembic versions.
    :param routers: its nouns' routers, without the ``/v1/<name>`` prefix.
    :param parameters: the policy numbers that it knows; ``change_kinds``: the things that its change feed tells of.
    :param events: the event types that it publishes: its ``contract``, and the kernel's for its database.
    :param subscriptions: its reactions to other services' events; ``projections``: what it keeps of their states.
    :param jobs: kinds of deferred work; ``periodic`` and ``sweeps``: work that time asks for, for each of ``areas``.
    :param operations: kinds of work that phones hand in later, many at once.
    :param on_start: awaited with the program when an API or a worker starts, to hang what it needs on ``extras``.
    :param about: what its API does, and what it does not do yet, for its document.
    :param package: whose ``python -m`` is its command line; None for one that has none, such as one of a test.
    """

    name: str
    title: Message
    tables: MetaData
    migrations: Path
    routers: Sequence[APIRouter] = ()
    parameters: Catalogue | None = None
    change_kinds: Sequence[str] = ()
    events: Sequence[type[Event]] = ()
    subscriptions: Sequence[AnySubscription] = ()
    projections: Sequence[Projection] = ()
    jobs: Sequence[JobKind[Any]] = ()
    periodic: Sequence[Periodic[Any]] = ()
    sweeps: Sequence[Sweep] = ()
    areas: Callable[[Program], Awaitable[Sequence[int]]] = _no_areas
    operations: Sequence[OperationKind[Any]] = ()
    on_start: Sequence[Callable[[Program], Awaitable[None]]] = ()
    about: Message | None = None
    package: str | None = None
