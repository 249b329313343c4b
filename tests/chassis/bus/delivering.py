"""The whole way of an event: from an outbox in one database over a bus to a projection in another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from chassis.bus.protocol import Bus
from chassis.events.relay import Relay
from chassis.events.tables import parked, pending
from chassis.events.wakeup import Waker
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.security.scope import Area
from chassis.testing import tally
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import TallyReader, count_all


@asynccontextmanager
async def running(*loops: Callable[[asyncio.Event], object]) -> AsyncIterator[None]:
    """Run a program's loops until the block ends, then stop them the graceful way."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stop)) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        for task in tasks:
            await asyncio.wait_for(task, 30)


@dataclass
class Writer:
    """The service whose events are delivered."""

    program: Program
    counters: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(10)])

    async def count(self, steps: int = 1, counters: list[UUID] | None = None) -> None:
        await count_all(self.program, counters or self.counters, VILLAGE, steps=steps)

    @asynccontextmanager
    async def delivering(self, bus: Bus, **options: float) -> AsyncIterator[None]:
        waker = Waker(self.program.database)
        self.program.events_written = waker.wrote
        async with running(Relay(self.program, bus, **options).run, waker.run):
            yield

    async def backlog(self) -> int:
        async with self.program.database.transaction(Area.everywhere()) as connection:
            return (await connection.execute(select(func.count()).select_from(pending))).scalar_one()


async def parked_states(reader: TallyReader) -> list[tuple[UUID, int, str]]:
    columns = (parked.c.subject, parked.c.aggregate_version, parked.c.state)
    async with reader.program.database.transaction(Area.everywhere()) as connection:
        query = select(*columns).where(parked.c.type == tally.Counted.wire_type()).order_by(parked.c.position)
        return [tuple(row) for row in await connection.execute(query)]


def expected(counters: list[UUID], steps: int) -> dict[UUID, list[int]]:
    return {counter: list(range(1, steps + 1)) for counter in counters}


async def heard(reader: TallyReader, counters: list[UUID], steps: int, **options: float) -> None:
    """Wait until the reader has every step of every counter, and see that each came once and in order."""

    async def all_there() -> bool:
        return sum(len(versions) for versions in (await reader.versions()).values()) >= steps * len(counters)

    await eventually(all_there, **options)
    assert await reader.versions() == expected(counters, steps)


async def is_zero(number: Callable[[], object]) -> bool:
    return await number() == 0


async def equals(read: Callable[[], object], wanted: object) -> bool:
    found = await read()
    assert found == wanted
    return True
