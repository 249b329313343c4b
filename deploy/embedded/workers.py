"""Run every service's worker in one process, so that the embedded bus reaches each of them."""

from __future__ import annotations

import asyncio

from chassis.worker import Worker

from chassis.start import make_program
from deploy.embedded.installation import SERVICES, Installation


async def work(installation: Installation, stop: asyncio.Event) -> None:
    """Work until ``stop``; then finish the transactions under way."""
    workers = [Worker(service, make_program(service.name, installation.settings(service.name))) for service in SERVICES]
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.run(stop))
