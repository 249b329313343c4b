"""The gateway's command line: ``python -m gateway api|worker|migrate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError

from chassis import heap
from chassis.main import add_migrate, add_worker
from chassis.telemetry import configure_logging
from gateway.app import create_gateway
from gateway.service import SERVICE
from gateway.serving import gateway_server_config
from gateway.settings import GatewaySettings

commands = typer.Typer(no_args_is_help=True, add_completion=False, help="网关 · Gateway")
add_worker(commands, SERVICE)
add_migrate(commands, SERVICE)


@commands.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    uds: Annotated[Path | None, typer.Option(help="Unix socket instead of host and port.")] = None,
) -> None:
    """Serve the gateway."""
    configure_logging()
    try:
        settings = GatewaySettings()
    except ValidationError as error:
        faults = [f"XIANJIE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
        sys.exit("\n".join(faults))
    where = {"uds": str(uds)} if uds else {"host": host, "port": port}
    server = uvicorn.Server(gateway_server_config(create_gateway(settings), **where))
    heap.settle()
    server.run()


if __name__ == "__main__":
    commands()
