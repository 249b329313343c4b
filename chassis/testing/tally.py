"""A whole service in small, for tests of delivery: counters that say each step, and a reader that keeps what it heard.

The writer records ``tally.counter.counted`` (a step) and ``tally.counter.recorded`` (full state). The reader lives in a
database of its own and keeps each step in the order of arrival, so that a step lost, doubled or inverted shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Uuid, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.arrays import array, ids, numbers
from chassis.database.metadata import NAMING
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.consumer import Consumer
from chassis.events.event import Envelope, Event
from chassis.events.parking import RetryPolicy
from chassis.events.subscriptions import Subscription
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security import scope
from chassis.security.scope import Area

tables: Final = MetaData(naming_convention=NAMING)

counter = Table(
    "counter",
    tables,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
)
"""The writer's own things."""

heard = Table(
    "heard",
    tables,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("counter", Uuid, nullable=False),
    Column("region", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("step", BigInteger, nullable=False),
)
"""What the reader heard, as it came. Nothing here forbids a doubled row: the inbox must."""

state = Table(
    "state",
    tables,
    Column("counter", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
)
"""The newest full state that the reader heard of."""


class Counted(Event, type="tally.counter.counted", version=1):
    """A counter went on by ``step``."""

    step: int


class CounterRecorded(Event, type="tally.counter.recorded", version=1, full_state=True):
    """A counter as it is now."""

    total: int


async def count(unit: UnitOfWork, counter_id: UUID, step: int = 1) -> int:
    """Let a counter go on. Returns its new version; the row stays locked until the commit."""
    statement = insert(counter).values(id=counter_id, region=unit.actor.assignment.region, version=1, total=step)
    statement = statement.on_conflict_do_update(
        index_elements=[counter.c.id], set_={"version": counter.c.version + 1, "total": counter.c.total + step}
    )
    version, total = (await unit.connection.execute(statement.returning(counter.c.version, counter.c.total))).one()
    aggregate = Aggregate("counter", counter_id, unit.actor.assignment.region, version)
    unit.record("counter.count", aggregate, fields=("total",), event=Counted(step=step))
    unit.record("counter.count", aggregate, event=CounterRecorded(total=total))
    return int(version)


async def count_all(program: Program, counter_ids: Sequence[UUID], region: int, *, steps: int = 1) -> None:
    """Let each counter go on ``steps`` times, one transaction for each round."""
    for _ in range(steps):
        async with program.unit(scope.program("tally", region)) as unit:
            for counter_id in counter_ids:
                await count(unit, counter_id)
        program.events_written()


async def hear(unit: UnitOfWork, event: Counted, envelope: Envelope) -> None:
    """Keep a step."""
    row = {"counter": envelope.subject, "region": envelope.region, "version": envelope.aggregate_version}
    await unit.connection.execute(insert(heard).values(**row, step=event.step))


async def see(unit: UnitOfWork, event: CounterRecorded, envelope: Envelope) -> None:
    """Keep a state."""
    row = {"region": envelope.region, "version": envelope.aggregate_version, "total": event.total}
    statement = insert(state).values(counter=envelope.subject, **row)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=[state.c.counter], set_=row))


async def forget(connection: AsyncConnection) -> None:
    """Empty what a reader keeps."""
    await connection.execute(delete(heard))
    await connection.execute(delete(state))


_KEEP: Final = text(
    "INSERT INTO state (counter, region, version, total) SELECT * FROM unnest(CAST(:counters AS uuid[]),"
    " CAST(:regions AS bigint[]), CAST(:versions AS bigint[]), CAST(:totals AS bigint[]))"
    " ON CONFLICT (counter) DO UPDATE SET region = excluded.region, version = excluded.version, total = excluded.total"
)


async def keep(unit: UnitOfWork, states: Sequence[tuple[CounterRecorded, Envelope]]) -> None:
    """Keep many states at once."""
    columns = {
        "counters": ids([envelope.text.subject for _, envelope in states]),
        "regions": array([envelope.text.region for _, envelope in states]),
        "versions": array([envelope.text.aggregate_version for _, envelope in states]),
        "totals": numbers([event.total for event, _ in states]),
    }
    await unit.connection.execute(_KEEP, columns)


AT_ONCE: Final = RetryPolicy(backoff_seconds=(0.0,) * 5, waiting_seconds=0.0)
"""No rest between tries."""


async def _nothing(_envelope: Envelope) -> None:
    return None


@dataclass
class TallyReader:
    """One member of a group of readers; readers over one database are one group.

    :ivar before: awaited before each step is kept; tests make it fail or wait.
    :ivar steps: how many steps this member applied, whether or not they were committed.
    """

    program: Program
    name: str = "reader"
    policy: RetryPolicy = AT_ONCE
    before: Callable[[Envelope], Awaitable[None]] = _nothing
    steps: int = 0

    def __post_init__(self) -> None:
        self.consumer = Consumer(
            self.program,
            self.name,
            [Subscription(Counted, self._hear), Subscription(CounterRecorded, see)],
            forget=forget,
            policy=self.policy,
        )

    async def _hear(self, unit: UnitOfWork, event: Counted, envelope: Envelope) -> None:
        await self.before(envelope)
        self.steps += 1
        await hear(unit, event, envelope)

    async def versions(self) -> dict[UUID, list[int]]:
        """Versions heard of each counter, in the order in which they were applied."""
        found: dict[UUID, list[int]] = defaultdict(list)
        async with self.program.database.transaction(Area.everywhere()) as connection:
            rows = await connection.execute(select(heard.c.counter, heard.c.version).order_by(heard.c.position))
            for counter_id, version in rows:
                found[counter_id].append(version)
        return dict(found)

    async def projection(self) -> dict[UUID, tuple[int, int, int]]:
        """Of each counter: the sum of steps heard, and version and total of the newest state."""
        found: dict[UUID, tuple[int, int, int]] = {}
        async with self.program.database.transaction(Area.everywhere()) as connection:
            sums: dict[UUID, int] = defaultdict(int)
            for counter_id, step in await connection.execute(select(heard.c.counter, heard.c.step)):
                sums[counter_id] += step
            for row in await connection.execute(select(state)):
                found[row.counter] = (sums[row.counter], row.version, row.total)
        return found
