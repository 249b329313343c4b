"""Run every service's worker in one process, so that the embedded bus reaches each of them."""

from __future__ import annotations

import asyncio

from chassis import heap
from chassis.bus.in_process import InProcessBus
from chassis.events.groups import group_names
from chassis.service import Service
from chassis.start import make_program
from chassis.worker import Worker
from chassis.worker_health import telling
from deploy.embedded.installation import PROGRAMS, Installation


async def work(installation: Installation, stop: asyncio.Event) -> None:
    """Work until ``stop``; then finish the transactions under way."""
    run = installation.read_run()
    bus = InProcessBus(group for service in PROGRAMS for group in group_names(service))

    async def of(service: Service) -> None:
        program = make_program(service.name, installation.settings(service.name))
        worker = Worker(service, program, bus)
        async with telling(program, uds=str(run.worker_socket(service.name))):
            await worker.run(stop)

    heap.settle()
    async with asyncio.TaskGroup() as group:
        for service in PROGRAMS:
            group.create_task(of(service))
    await bus.close()
