"""One running monitoring service for a whole story: its days, its people, and what other services tell it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from chassis.clock import FixedClock
from chassis.events.event import Envelope
from chassis.events.groups import consumers_of
from chassis.events.tables import outbox
from chassis.jobs.worker import JobWorker
from chassis.program import Program
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE
from tests.safety.running import Running, running
from tests.services.monitoring.datasets.conftest import QUICK
from tests.services.monitoring.datasets.department_files import Office


class World:
    """A service that many people ask over HTTP while the days pass."""

    def __init__(self, service: Running) -> None:
        self._service = service
        self._clients: list[httpx.AsyncClient] = []

    @property
    def program(self) -> Program:
        return self._service.program

    @property
    def today(self) -> date:
        return self.program.clock.today()

    def asks(self, role: Role = Role.COUNTY_OFFICER, region: int = COUNTY, **post: Any) -> httpx.AsyncClient:
        """Somebody new who holds one post."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._service.app, raise_app_exceptions=False),
            base_url="http://monitoring/v1/monitoring",
            headers={"Authorization": f"Bearer {self._service.token(role, region, **post)}"},
        )
        self._clients.append(client)
        return client

    def office(self, department: str, region: int = COUNTY) -> Office:
        """A department's clerk, whose files are read by the service's own worker."""
        return Office(self.asks(Role.DEPARTMENT_CLERK, region, department=department))

    def on(self, day: str) -> date:
        """It becomes that day; no story goes back."""
        clock, wanted = self.program.clock, date.fromisoformat(day)
        assert isinstance(clock, FixedClock)
        assert wanted >= clock.today(), f"{wanted} is over"
        clock.move(days=(wanted - clock.today()).days)
        return wanted

    async def hears(self, *envelopes: Envelope) -> None:
        """Other services tell it something, twice, as a bus may deliver it."""
        [consumer] = consumers_of(SERVICE, self.program)
        for _ in range(2):
            await consumer.apply(envelopes)

    async def published(self, name: str) -> list[dict[str, Any]]:
        """The events of a type that it published, oldest first."""
        found = select(outbox.c.data).where(outbox.c.type == f"cn.xianjie.monitoring.{name}.v1").order_by(outbox.c.id)
        async with self.program.database.transaction(Area.everywhere()) as connection:
            return list((await connection.execute(found)).scalars())

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def new_world(postgres_url: str, directory: Path) -> AsyncIterator[World]:
    """A world on 2024-06-03, with a worker that reads files and screens."""
    async with running(postgres_url, directory) as service:
        made, stop = World(service), asyncio.Event()
        worker = asyncio.create_task(JobWorker(service.program, SERVICE.jobs, pace=QUICK).run(stop))
        try:
            yield made
        finally:
            stop.set()
            await worker
            await made.close()
