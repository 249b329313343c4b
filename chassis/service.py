"""Describe one bounded service to the chassis, which then serves, works, migrates and documents it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from chassis.errors import Message
from chassis.events.event import Event

if TYPE_CHECKING:
    from fastapi import APIRouter


@dataclass(frozen=True)
class Service:
    """What a service consists of; its ``app.py`` makes exactly one.

    :param name: also its database's, its topics' and its path's name.
    :param tables: metadata of its own tables; the kernel's come beside them.
    :param migrations: folder of its Alembic versions.
    :param routers: its nouns' routers, without the ``/v1`` prefix.
    :param events: the event types that it publishes (its ``contract``).
    :param on_start: called with the program when it starts, to hang what routes need on ``program.extras``.
    """

    name: str
    title: Message
    tables: MetaData
    migrations: Path
    routers: Sequence[APIRouter] = ()
    events: Sequence[type[Event]] = ()
    on_start: Sequence[Callable[[Any], Any]] = field(default_factory=tuple)
