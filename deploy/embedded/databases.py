"""Give every program of an installation its database and roles, and bring each to the newest schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from chassis.database.provision import ServiceDatabase, load_or_make_passwords, provision
from chassis.database.revisions import is_newest
from chassis.database.server import EmbeddedPostgres, PostgresFailed
from chassis.database.server.failures import disk_full
from chassis.errors import Message
from deploy.embedded.directory import PACKAGES, Installation

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_DISK_FULL: Final = "53100"


@dataclass(frozen=True)
class Databases:
    """Every service's database, and by service the migrations that ran just now, in their order."""

    databases: Mapping[str, ServiceDatabase]
    ran: Mapping[str, list[str]]


def bring_up_to_date(installation: Installation, postgres: EmbeddedPostgres) -> Databases:
    """Make what is missing and run every migration that is still to run.

    :raises PostgresFailed: with what to do, if the server refuses.
    """
    passwords = load_or_make_passwords(installation.passwords, list(PACKAGES))
    databases, ran = {}, {}
    for name in PACKAGES:
        try:
            database = provision(postgres.superuser_url(), name, passwords[name])
            is_done = is_newest(database.migrate_url, versions_of(name))
        except psycopg.Error as error:
            raise refused(error, name, place=installation.postgres, log=postgres.log) from error
        ran[name] = [] if is_done else _migrated(database, installation, postgres)
        databases[name] = database
    return Databases(databases, ran)


def versions_of(program: str) -> Path:
    """Where a program's migrations lie, found without importing it."""
    spec = find_spec(PACKAGES[program])
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "migrations" / "versions"


def _migrated(database: ServiceDatabase, installation: Installation, postgres: EmbeddedPostgres) -> list[str]:
    # Only here: the programs and Alembic take seconds to import, and most starts have nothing to migrate.
    from sqlalchemy.exc import DBAPIError

    from chassis.database import migrate
    from deploy.embedded.installation import PROGRAMS

    program = next(program for program in PROGRAMS if program.name == database.name)
    try:
        return migrate.upgrade(database.migrate_url, program.migrations, program.tables)
    except (psycopg.Error, DBAPIError) as error:
        raise refused(error, database.name, place=installation.postgres, log=postgres.log) from error


def refused(error: psycopg.Error | DBAPIError, service: str, *, place: Path, log: Path) -> PostgresFailed:
    """The sentence for a database that could not be brought up to date; the server's own words stay in its log."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    if state == _DISK_FULL:
        return disk_full(place)
    return PostgresFailed(
        Message(
            f"{service} 的数据库结构未能更新（SQLSTATE {state or '—'}），已做的部分保持不变。请查看 {log} 后重试。",
            f"The schema of {service} could not be brought up to date (SQLSTATE {state or '—'}); what was done stays."
            f" See {log} and try again.",
        )
    )
