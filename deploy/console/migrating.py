"""Bring databases to the newest schema: all of an embedded installation, or the one that the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import psycopg
import typer
from sqlalchemy.exc import DBAPIError

from chassis.database import migrate
from chassis.database.engine import sqlstate
from chassis.database.provision import ServiceDatabase
from chassis.database.server import EmbeddedPostgres, PostgresFailed
from chassis.errors import Message
from chassis.service import Service
from chassis.settings import MigrationSettings
from deploy.console.platform import DEFAULT
from deploy.console.programs import service_named
from deploy.console.saying import Data, fail, say
from deploy.embedded.databases import bring_up_to_date
from deploy.embedded.installation import PROGRAMS, Installation, NotRunning

_SAYS_ADDRESS: Final = "XIANJIE_MIGRATE_DATABASE_URL"


def migrate_databases(
    service: Annotated[
        str | None,
        typer.Option(help="只此服务，地址取自环境 / this one alone, at the address that the environment names"),
    ] = None,
    data: Data = DEFAULT,
) -> None:
    """更新数据库结构 / bring every database to the newest schema.

    运行中的平台直接更新；未运行时临时启动其数据库。设有 XIANJIE_MIGRATE_DATABASE_URL（或 …_FILE）时只更新该服务。
    """
    url = MigrationSettings().migrate_database_url
    if url is not None:
        one = _only(service)
        try:
            _tell({one.name: migrate.upgrade(url.get_secret_value(), one.migrations, one.tables)})
        except (psycopg.Error, DBAPIError) as error:
            fail(_unreached(one, error))
        return
    if service is not None:
        fail(
            Message(
                f"--service 需要 {_SAYS_ADDRESS}：以 migrate 角色连接该服务数据库的地址。",
                f"--service needs {_SAYS_ADDRESS}: the address of its database as the role that migrates.",
            )
        )
    _migrate_installation(Installation(data))


def _only(service: str | None) -> Service:
    if service is not None:
        return service_named(service)
    if len(PROGRAMS) == 1:
        return PROGRAMS[0]
    return fail(Message(f"已设 {_SAYS_ADDRESS}，请用 --service 指明服务。", f"{_SAYS_ADDRESS} is set: say --service."))


def _migrate_installation(installation: Installation) -> None:
    if not (installation.postgres / "cluster").exists():
        fail(
            Message(
                f"{installation.directory} 中还没有平台，请先 make run。",
                f"There is no platform in {installation.directory} yet; start one with `make run`.",
            )
        )
    running = _running(installation)
    if running is not None:
        for one in PROGRAMS:
            try:
                _tell({one.name: migrate.upgrade(running[one.name].migrate_url, one.migrations, one.tables)})
            except (psycopg.Error, DBAPIError) as error:
                fail(_unreached(one, error))
        return
    try:
        with EmbeddedPostgres.start(installation.postgres, on_progress=say) as postgres:
            _tell(bring_up_to_date(installation, postgres).ran)
    except PostgresFailed as failure:
        fail(failure.message)


def _running(installation: Installation) -> Mapping[str, ServiceDatabase] | None:
    """The databases of a platform that runs, or None: its addresses outlive it."""
    try:
        databases = installation.read_run().databases
        psycopg.connect(databases[PROGRAMS[0].name].migrate_url, connect_timeout=5).close()
    except (NotRunning, psycopg.OperationalError):
        return None
    return databases


def _tell(ran: Mapping[str, list[str]]) -> None:
    for name, revisions in ran.items():
        listed = "、".join(revisions)
        if revisions:
            say(Message(f"{name}：已执行 {listed}。", f"{name}: ran {', '.join(revisions)}."))
        else:
            say(Message(f"{name}：已是最新结构。", f"{name}: at the newest schema already."))


def _unreached(service: Service, error: psycopg.Error | DBAPIError) -> Message:
    state = sqlstate(error) or "—"
    return Message(
        f"{service.name} 的数据库未能更新（SQLSTATE {state}）。请确认数据库在运行、地址（{_SAYS_ADDRESS}）正确。",
        f"The database of {service.name} was not brought up to date (SQLSTATE {state}). See that its address is right"
        f" ({_SAYS_ADDRESS}) and that it runs, then try again.",
    )
