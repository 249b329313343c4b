"""Give every service of an installation its database and roles, and bring each to the newest schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError

from chassis.database import migrate
from chassis.database.engine import sqlstate
from chassis.database.provision import ServiceDatabase, load_or_make_passwords, provision
from chassis.database.server import EmbeddedPostgres, PostgresFailed
from chassis.database.server.failures import disk_full
from chassis.errors import Message
from deploy.embedded.installation import PROGRAMS, Installation

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
    passwords = load_or_make_passwords(installation.passwords, [service.name for service in PROGRAMS])
    databases, ran = {}, {}
    for service in PROGRAMS:
        try:
            database = provision(postgres.superuser_url(), service.name, passwords[service.name])
            ran[service.name] = migrate.upgrade(database.migrate_url, service.migrations, service.tables)
        except (psycopg.Error, DBAPIError) as error:
            raise refused(error, service.name, place=installation.postgres, log=postgres.log) from error
        databases[service.name] = database
    return Databases(databases, ran)


def refused(error: psycopg.Error | DBAPIError, service: str, *, place: Path, log: Path) -> PostgresFailed:
    """The sentence for a database that could not be brought up to date; the server's own words stay in its log."""
    state = sqlstate(error)
    if state == _DISK_FULL:
        return disk_full(place)
    return PostgresFailed(
        Message(
            f"{service} 的数据库结构未能更新（SQLSTATE {state or '—'}），已做的部分保持不变。请查看 {log} 后重试。",
            f"The schema of {service} could not be brought up to date (SQLSTATE {state or '—'}); what was done stays."
            f" See {log} and try again.",
        )
    )
