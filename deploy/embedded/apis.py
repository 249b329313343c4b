"""Serve every API of the platform from one process: services on Unix sockets, the gateway on the loopback port."""

from __future__ import annotations

import asyncio
from typing import Final

from chassis import heap
from chassis.clock import SettableClock
from chassis.http.application import create_app
from chassis.http.serving import Server, server_config
from chassis.settings import Mode
from chassis.start import make_program
from deploy.embedded.installation import PROGRAMS, SERVICES, Installation
from deploy.embedded.issued_keys import IssuedKeys
from deploy.embedded.issuer import oauth2_router
from deploy.embedded.passwords import PasswordBook
from deploy.embedded.sign_ins import holders
from deploy.embedded.supervisor import HOST
from gateway.app import create_gateway
from gateway.serving import gateway_server_config
from gateway.settings import GatewaySettings

_STATUS_SECONDS: Final = 0.1
"""That the start, which asks again and again, is not told of a moment that has passed."""


async def serve(installation: Installation, stop: asyncio.Event) -> None:
    """Serve until ``stop``; then finish what is under way."""
    run = installation.read_run()
    programs = {service.name: make_program(service.name, installation.settings(service.name)) for service in SERVICES}
    servers = [
        Server(server_config(create_app(service, programs[service.name]), uds=str(run.socket(service.name))))
        for service in SERVICES
    ]
    issuer = oauth2_router(
        IssuedKeys.load_or_create(installation.directory),
        PasswordBook(installation.password_book),
        assignments_of=holders(programs["monitoring"]),
        clock=SettableClock(installation.settings(SERVICES[0].name).clock_file),
    )
    settings = GatewaySettings(
        mode=Mode.EMBEDDED,
        upstreams={service.name: f"unix:{run.socket(service.name)}" for service in SERVICES},
        workers={service.name: f"unix:{run.worker_socket(service.name)}" for service in PROGRAMS},
        status_fresh_seconds=_STATUS_SECONDS,
    )
    gateway = create_gateway(settings, extra_routers=[issuer])
    servers.append(Server(gateway_server_config(gateway, host=HOST, port=run.port)))
    heap.settle()
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
    waiting.cancel()
