"""Run every service's worker in one process, so that the embedded bus reaches each of them."""

from __future__ import annotations

import asyncio

from chassis.bus.in_process import InProcessBus
from chassis.events.groups import group_names
from chassis.start import make_program
from chassis.worker import Worker
from deploy.embedded.installation import SERVICES, Installation


async def work(installation: Installation, stop: asyncio.Event) -> None:
    """Work until ``stop``; then finish the transactions under way."""
    bus = InProcessBus(group for service in SERVICES for group in group_names(service))
    workers = [
        Worker(service, make_program(service.name, installation.settings(service.name)), bus) for service in SERVICES
    ]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.run(stop))
    await bus.close()
