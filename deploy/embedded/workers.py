"""Run workers in one process: all of them with the embedded bus, which reaches nobody else; one each with Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from chassis import heap
from chassis.bus.in_process import InProcessBus
from chassis.events.groups import group_names
from chassis.service import Service
from chassis.start import make_program
from chassis.worker import Worker
from chassis.worker_health import telling
from deploy.embedded.installation import PROGRAMS, Installation


async def work(installation: Installation, stop: asyncio.Event, names: Collection[str]) -> None:
    """Run the workers of ``names`` until ``stop``; then finish the transactions under way.

    The bus inside one process reaches only who works in it, so then ``names`` are all programs.
    """
    run = installation.read_run()
    chosen = [program for program in PROGRAMS if program.name in names]
    groups = [group for program in chosen for group in group_names(program)]
    programs = {one.name: make_program(one.name, installation.settings(one.name)) for one in chosen}
    shared = None if run.kafka else InProcessBus(groups)
    buses = {name: shared or installation.bus(program, groups) for name, program in programs.items()}

    async def of(service: Service) -> None:
        worker = Worker(service, programs[service.name], buses[service.name])
        async with telling(programs[service.name], uds=str(run.worker_socket(service.name))):
            await worker.run(stop)

    heap.settle()
    try:
        async with asyncio.TaskGroup() as group:
            for service in chosen:
                group.create_task(of(service))
    finally:
        for bus in dict.fromkeys(buses.values()):
            await bus.close()
