"""Give every service the same command line: ``python -m services.<name> api|worker|migrate|openapi``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
import uvloop

from chassis.database import migrate
from chassis.events.groups import group_names
from chassis.http.application import create_app
from chassis.service import Service
from chassis.settings import ProgramSettings
from chassis.start import make_bus, make_idle_program, make_program
from chassis.telemetry import configure_logging
from chassis.worker import run_until_stopped

GRACEFUL_SECONDS = 20
CONCURRENCY_MAX = 512


def server_config(app: object, **where: object) -> uvicorn.Config:
    """How every API of ours is served: bounded, quiet about addresses, no header that tells the make."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        limit_concurrency=CONCURRENCY_MAX,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=30,
        **where,  # type: ignore[arg-type]
    )


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
        uvicorn.Server(server_config(app, **where)).run()

    @commands.command()
    def worker() -> None:
        """Deliver events, react to those of others, run jobs, seal the audit."""
        configure_logging()
        program = make_program(service.name, ProgramSettings())
        groups = group_names(service)
        # The server of health and metrics goes into ``beside``.
        uvloop.run(run_until_stopped(service, program, make_bus(program, groups), beside=()))

    @commands.command(name="migrate")
    def migrate_() -> None:
        """Bring the database to the newest schema."""
        settings = ProgramSettings()
        if settings.migrate_database_url is None:
            sys.exit("set XIANJIE_MIGRATE_DATABASE_URL to the database's address as the role that migrates")
        migrate.upgrade(settings.migrate_database_url.get_secret_value(), service.migrations, service.tables)

    @commands.command()
    def openapi() -> None:
        """Print the OpenAPI document."""
        sys.stdout.write(json.dumps(openapi_document(service), ensure_ascii=False, indent=2) + "\n")

    return commands


def openapi_document(service: Service) -> dict[str, object]:
    """The document of a service that is not running."""
    document: dict[str, object] = create_app(service, make_idle_program(service.name)).openapi()
    return document
