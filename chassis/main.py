"""Give every service the same command line: ``python -m services.<name> api|worker|migrate|openapi``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer
import uvicorn
import uvloop

from chassis import heap
from chassis.database import migrate
from chassis.events.groups import group_names
from chassis.http.application import create_app
from chassis.http.serving import server_config
from chassis.service import Service
from chassis.settings import MigrationSettings, ProgramSettings
from chassis.start import make_bus, make_idle_program, make_program
from chassis.telemetry import configure_logging
from chassis.worker import run_until_stopped


def command_line(service: Service) -> typer.Typer:
    """The commands of one service."""
    commands = typer.Typer(no_args_is_help=True, add_completion=False, help=f"{service.title.zh} · {service.title.en}")

    @commands.command()
    def api(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=1, max=65535)] = 8001,
        uds: Annotated[Path | None, typer.Option(help="Unix socket instead of host and port.")] = None,
    ) -> None:
        """Serve the API."""
        configure_logging()
        app = create_app(service, make_program(service.name, ProgramSettings()))
        where = {"uds": str(uds)} if uds else {"host": host, "port": port}
        heap.settle()
        uvicorn.Server(server_config(app, **where)).run()

    add_worker(commands, service)
    add_migrate(commands, service)

    @commands.command()
    def openapi(
        *, one_line: Annotated[bool, typer.Option("--one-line", help="In one line, as the API serves it.")] = False
    ) -> None:
        """Print the OpenAPI document."""
        heap.grow()
        indent = 0 if one_line else orjson.OPT_INDENT_2
        sys.stdout.buffer.write(orjson.dumps(openapi_document(service), option=indent | orjson.OPT_APPEND_NEWLINE))

    return commands


def add_worker(commands: typer.Typer, service: Service) -> None:
    """Add the command that works for ``service``."""

    @commands.command()
    def worker(
        host: Annotated[str, typer.Option(help="Address at which it tells its health and metrics.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(min=1, max=65535)] = 8101,
        uds: Annotated[Path | None, typer.Option(help="Unix socket instead of host and port.")] = None,
    ) -> None:
        """Deliver events, react to those of others, run jobs, seal the audit."""
        configure_logging()
        program = make_program(service.name, ProgramSettings())
        where = {"uds": str(uds)} if uds else {"host": host, "port": port}
        heap.settle(young_max=heap.YOUNG_MAX)
        uvloop.run(run_until_stopped(service, program, make_bus(program, group_names(service)), **where))


def add_migrate(commands: typer.Typer, service: Service) -> None:
    """Add the command that brings the database of ``service`` up to date."""

    @commands.command(name="migrate")
    def migrate_() -> None:
        """Bring the database to the newest schema."""
        url = MigrationSettings().migrate_database_url
        if url is None:
            sys.exit("set XIANJIE_MIGRATE_DATABASE_URL to the database's address as the role that migrates")
        ran = migrate.upgrade(url.get_secret_value(), service.migrations, service.tables)
        sys.stdout.write(f"{service.name}: {', '.join(ran) or 'nothing to do'}\n")


def openapi_document(service: Service) -> dict[str, object]:
    """The document of a service that is not running."""
    document: dict[str, object] = create_app(service, make_idle_program(service.name)).openapi()
    return document
