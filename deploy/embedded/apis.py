"""Serve APIs of the platform from one process: services on Unix sockets, the gateway on the loopback port."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from chassis import heap
from chassis.clock import SettableClock
from chassis.http.application import create_app
from chassis.http.serving import Server, server_config
from chassis.settings import Mode
from chassis.start import make_program
from deploy.embedded.admitting import holders
from deploy.embedded.installation import PROGRAMS, SERVICES, Installation, Run
from deploy.embedded.issued_keys import IssuedKeys
from deploy.embedded.issuer import oauth2_router
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.supervisor import HOST
from gateway.app import Gateway, create_gateway
from gateway.serving import gateway_server_config
from gateway.settings import GatewaySettings

GATEWAY: Final = "gateway"
MONITORING: Final = "monitoring"
"""Whose officers and posts the issuer puts into tokens."""

_STATUS_SECONDS: Final = 0.1
"""That the start, which asks again and again, is not told of a moment that has passed."""


async def serve(installation: Installation, stop: asyncio.Event, names: Collection[str]) -> None:
    """Serve the APIs of ``names`` until ``stop``; then finish what is under way."""
    run = installation.read_run()
    servers = [
        Server(
            server_config(
                create_app(service, make_program(service.name, installation.settings(service.name))),
                uds=str(run.socket(service.name)),
            )
        )
        for service in SERVICES
        if service.name in names
    ]
    if GATEWAY in names:
        servers.append(Server(gateway_server_config(_gateway(installation, run), host=HOST, port=run.port)))
    heap.settle()
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
    waiting.cancel()


def _gateway(installation: Installation, run: Run) -> Gateway:
    """The gateway, with the issuer of the sample's tokens beside it."""
    issuer = oauth2_router(
        IssuedKeys.load_or_create(installation.directory),
        PasswordBook(installation.password_book),
        assignments_of=holders(make_program(MONITORING, installation.settings(MONITORING))),
        clock=SettableClock(installation.settings(SERVICES[0].name).clock_file),
    )
    settings = GatewaySettings(
        mode=Mode.EMBEDDED,
        upstreams={service.name: f"unix:{run.socket(service.name)}" for service in SERVICES},
        workers={service.name: f"unix:{run.worker_socket(service.name)}" for service in PROGRAMS},
        status_fresh_seconds=_STATUS_SECONDS,
    )
    return create_gateway(settings, extra_routers=[issuer])
