"""`event`: from the commit of a change to its effect in another service's database, beside bare produce → consume.

One event at a time, in slices that alternate with the baseline's. The effect is seen by a notification that PostgreSQL
sends when the reader's transaction commits.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.bus.kafka.connection import Connection
from chassis.events.wakeup import Waker
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import count_all
from tests.benchmarks.delivery import Bare, DeliveryStage, delivery_stage, make_topics
from tests.benchmarks.report import Measured, percentile

SLICES: Final = 7
EVENTS: Final = 80
WARM_UP: Final = 100
PAUSE_SECONDS: Final = 0.005
MESSAGE: Final = b"x" * 600
P50_MS: Final = 10.0
P99_MS: Final = 50.0
"""By how much ours may exceed the bare figure."""
_TELL: Final = """
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('heard', NEW.counter || ' ' || NEW.version); RETURN NULL; END $$;
    CREATE TRIGGER tell AFTER INSERT ON heard FOR EACH ROW EXECUTE FUNCTION tell();
"""


def run() -> Iterator[Measured]:
    """p50 and p99 in milliseconds; the targets are the bare figures and a fixed time more."""
    with delivery_stage("reader") as stage:
        with psycopg.connect(stage.superuser_url("reader"), autocommit=True) as connection:
            connection.execute(_TELL)
        asyncio.run(make_topics(stage))
        with stage.working("tally"), stage.working("reader"):
            ours, bare = uvloop.run(_measured(stage))
    for name, share, more in (("event.p50", 0.5, P50_MS), ("event.p99", 0.99, P99_MS)):
        mine, theirs = percentile(ours, share), percentile(bare, share)
        yield Measured(name, mine, theirs, "ms", round((theirs + more) / theirs, 2), "lower")


async def _measured(stage: DeliveryStage) -> tuple[list[float], list[float]]:
    writer = stage.program("tally")
    waker, stop = Waker(writer.database), asyncio.Event()
    writer.events_written = waker.wrote
    waking = asyncio.create_task(waker.run(stop))
    ours: list[float] = []
    bare: list[float] = []
    async with _effects(stage) as effects, _bare(stage) as client:
        await _ours(writer, effects, WARM_UP)
        await client(WARM_UP)
        for _ in range(SLICES):
            ours += await _ours(writer, effects, EVENTS)
            bare += await client(EVENTS)
    stop.set()
    await waking
    await writer.close()
    sys.stderr.write(f"event: {len(ours)} events, {len(bare)} bare; p90 {percentile(ours, 0.9):.1f} ms\n")
    return ours, bare


async def _ours(writer: Program, effects: asyncio.Queue[str], number: int) -> list[float]:
    counter = new_id()
    took = []
    for version in range(1, number + 1):
        await count_all(writer, [counter], VILLAGE)
        committed = time.perf_counter()
        while await asyncio.wait_for(effects.get(), 60) != f"{counter} {version}":
            pass
        took.append((time.perf_counter() - committed) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    return took


@asynccontextmanager
async def _effects(stage: DeliveryStage) -> AsyncIterator[asyncio.Queue[str]]:
    """What the reader's database commits, as it does."""
    found: asyncio.Queue[str] = asyncio.Queue()
    async with await psycopg.AsyncConnection.connect(stage.superuser_url("reader"), autocommit=True) as connection:
        await connection.execute("LISTEN heard")

        async def listen() -> None:
            async for notice in connection.notifies():
                found.put_nowait(notice.payload)

        listening = asyncio.create_task(listen())
        yield found
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def _bare(stage: DeliveryStage) -> AsyncIterator[Any]:
    """A producer and a consumer of the client library alone; gives what takes a number of messages and their times."""
    topic = Connection(stage.kafka, "bench").topic(Bare.wire_type())
    servers = stage.kafka.bootstrap_servers
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, group_id="bench", enable_auto_commit=False)
    await producer.start()
    await consumer.start()

    async def messages(number: int) -> list[float]:
        took = []
        for _ in range(number):
            sent = time.perf_counter()
            await producer.send(topic, key=new_id().bytes, value=MESSAGE)
            await consumer.getone()
            took.append((time.perf_counter() - sent) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
        return took

    try:
        yield messages
    finally:
        await producer.stop()
        await consumer.stop()
