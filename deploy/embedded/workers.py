"""Run every service's worker in one process, so that the embedded bus reaches each of them."""

from __future__ import annotations

import asyncio

from chassis import heap
from chassis.bus.in_process import InProcessBus
from chassis.start import make_program
from chassis.worker import Worker
from deploy.embedded.installation import SERVICES, Installation


async def work(installation: Installation, stop: asyncio.Event) -> None:
    """Work until ``stop``; then finish the transactions under way."""
    bus = InProcessBus(service.name for service in SERVICES if service.subscriptions)
    workers = [
        Worker(service, make_program(service.name, installation.settings(service.name)), bus) for service in SERVICES
    ]
    heap.settle()
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.run(stop))
    await bus.close()
