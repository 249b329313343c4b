"""Make a program for a test: a database of its own, a clock that stands still, fresh keys."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Dialect, event
from sqlalchemy.util import LRUCache

from chassis.clock import Clock, FixedClock
from chassis.database.engine import Database
from chassis.database.provision import ServiceDatabase
from chassis.identifiers import new_id
from chassis.program import Bearer, Program
from chassis.security.keys import KeyRing
from chassis.security.scope import Actor, Assignment, Role
from chassis.security.vault import Vault
from chassis.settings import Bus, Mode, ProgramSettings

COUNTY: Final = 610999000000
"""云岭县, an unassigned county: every test person lives here."""

TOWN: Final = 610999101000
VILLAGE: Final = 610999101203

RING: Final = KeyRing.generate(os.urandom)
"""One ring per test process; making it costs more than a test should."""

_COMPILED: Final[LRUCache[Any, Any]] = LRUCache(4_000)
_DIALECTS: Final[list[Dialect]] = []


def make_settings(database: ServiceDatabase, directory: Path) -> ProgramSettings:
    return ProgramSettings(
        mode=Mode.TEST,
        database_url=SecretStr(database.app_url),
        migrate_database_url=SecretStr(database.migrate_url),
        database_pool_size=8,
        bus=Bus.IN_PROCESS,
        data_directory=directory,
        key_ring=SecretStr(RING.to_json()),
    )


async def _no_tokens(_text: str) -> Bearer:
    raise AssertionError("this program verifies no tokens; give it a verifier")


def _no_choice(_token: object, _acting_as: UUID | None, _on: date) -> Assignment:
    raise AssertionError("this program chooses no assignments; give it a chooser")


def make_program(name: str, database: ServiceDatabase, directory: Path, *, clock: Clock | None = None) -> Program:
    """A program over ``database``; HTTP tests set ``verify`` and ``choose``."""
    settings = make_settings(database, directory)
    return Program(
        name=name,
        settings=settings,
        database=_compiling_once(Database(database.app_url, pool_size=settings.database_pool_size)),
        clock=clock or FixedClock(),
        vault=Vault.of(RING),
        verify=_no_tokens,
        choose=_no_choice,
    )


def _compiling_once(database: Database) -> Database:
    """Let a test process compile each statement once: SQLAlchemy does it per engine, and each test has one of its own.

    What was compiled is found by the dialect it is for; the first that knows its server is taken by all later engines.
    """
    engine = database.engine.sync_engine
    engine.update_execution_options(compiled_cache=_COMPILED)
    if _DIALECTS:
        engine.dialect = _DIALECTS[0]
    else:
        event.listen(engine, "first_connect", lambda _connection, _record: _DIALECTS.append(engine.dialect))
    return database


def officer(role: Role = Role.COUNTY_OFFICER, region: int = COUNTY, *, department: str | None = None) -> Actor:
    """A person who holds one post, with a subject of their own."""
    return Actor(f"test:{new_id()}", Assignment(new_id(), role, region, department))


def sign_in(program: Program, actor: Actor) -> None:
    """Let whoever asks ``program`` over HTTP from now on be ``actor``, whatever token is shown."""

    async def verify(_text: str) -> Bearer:
        return actor

    program.verify = verify
    program.choose = lambda _token, _acting_as, _on: actor.assignment
