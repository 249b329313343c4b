"""`event-rate`: events a second from outbox to effect, beside a bare aiokafka → psycopg consumer in batches.

First the bare consumer's rate is measured. Then events are recorded at a little more than half of it, in the outbox,
for relay, broker and a service that keeps states; its effects are counted, and what is still under way at the end.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import orjson
import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.bus.kafka.connection import Connection
from chassis.events.wakeup import CHANNEL
from chassis.identifiers import new_id
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import CounterRecorded
from tests.benchmarks.delivery import Bare, DeliveryStage, delivery_stage, make_topics
from tests.benchmarks.report import Measured

SECONDS: Final = 20
RATIO: Final = 0.5
FEED: Final = 0.55
"""Of the bare rate, so much is recorded: a little more than must come through."""
LAG_SECONDS_MAX: Final = 1.0
"""How much may be under way at the end; more would say that it grows."""
MESSAGES: Final = 60_000
_BATCH: Final = 500
_FEED_SECONDS: Final = 0.1
_RECORD: Final = """
    WITH made AS (
        INSERT INTO outbox (id, type, subject, aggregate_version, region, data)
        SELECT uuidv7(), %(type)s, uuidv7(), 1, %(region)s,
               jsonb_build_object('total', n, 'note', %(note)s::text)
        FROM generate_series(1, %(number)s) AS n RETURNING id
    ) INSERT INTO pending (event_id) SELECT id FROM made
"""
_NOTE: Final = "x" * 180
"""Makes a record about as large as one of the registry's, with its headers some 600 bytes."""


def run() -> Iterator[Measured]:
    """Events a second, and how many seconds of events are under way at the end."""
    with delivery_stage("mirror") as stage:
        asyncio.run(make_topics(stage))
        bare = uvloop.run(_bare(stage))
        with stage.working("tally"), stage.working("mirror"):
            ours, lag = uvloop.run(_ours(stage, bare * FEED))
    yield Measured("event-rate", ours, bare, "events/s", RATIO, "higher")
    yield Measured("event-rate.lag", lag, LAG_SECONDS_MAX, "s", 1.0, "lower")


async def _ours(stage: DeliveryStage, rate: float) -> tuple[float, float]:
    """Effects a second, and seconds of events under way at the end."""
    async with (
        await psycopg.AsyncConnection.connect(stage.superuser_url("tally"), autocommit=True) as writer,
        await psycopg.AsyncConnection.connect(stage.superuser_url("mirror"), autocommit=True) as reader,
    ):
        await _record(writer, 1_000)
        while await _effects(reader) < 1_000:  # noqa: ASYNC110  # nobody would set an event
            await asyncio.sleep(0.05)
        began, recorded, halfway = time.perf_counter(), 0, 0.0
        while (passed := time.perf_counter() - began) < SECONDS:
            if (due := int(passed * rate) - recorded) > 0:
                await _record(writer, due)
                recorded += due
            if passed > SECONDS / 2 and not halfway:
                halfway = recorded + 1_000 - await _effects(reader)
            await asyncio.sleep(_FEED_SECONDS)
        seconds, effects = time.perf_counter() - began, await _effects(reader) - 1_000
    lag = recorded - effects
    sys.stderr.write(f"event-rate: {recorded} recorded, {halfway:.0f} under way halfway and {lag} at the end\n")
    return effects / seconds, lag / rate


async def _record(writer: Any, number: int) -> None:
    names = {"type": CounterRecorded.wire_type(), "region": VILLAGE, "note": _NOTE, "number": number}
    await writer.execute(_RECORD, names)
    await writer.execute(f"NOTIFY {CHANNEL}")


async def _effects(reader: Any) -> int:
    return int((await (await reader.execute("SELECT count(*) FROM state")).fetchone())[0])


async def _bare(stage: DeliveryStage) -> float:
    """Messages a second that the client library and the driver alone bring into a table, a batch a transaction."""
    topic = Connection(stage.kafka, "bench").topic(Bare.wire_type())
    await _fill(stage, topic)
    with psycopg.connect(stage.superuser_url("mirror"), autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (id uuid NOT NULL, total bigint NOT NULL)")
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=stage.kafka.bootstrap_servers,
        group_id="bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    done = 0
    try:
        async with await psycopg.AsyncConnection.connect(stage.superuser_url("mirror")) as connection:
            began = time.perf_counter()
            while time.perf_counter() - began < SECONDS:
                found = await consumer.getmany(timeout_ms=200, max_records=_BATCH)
                records = [record for share in found.values() for record in share]
                if not records:
                    await consumer.seek_to_beginning()
                    continue
                ids = [record.key.decode() for record in records]
                totals = [orjson.loads(record.value)["total"] for record in records]
                await connection.execute(
                    "INSERT INTO bare SELECT * FROM unnest(%s::uuid[], %s::bigint[])", (ids, totals)
                )
                await connection.commit()
                await consumer.commit()
                done += len(records)
            return done / (time.perf_counter() - began)
    finally:
        await consumer.stop()


async def _fill(stage: DeliveryStage, topic: str) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.kafka.bootstrap_servers, acks="all", linger_ms=20, max_batch_size=262_144
    )
    await producer.start()
    try:
        for number in range(MESSAGES):
            value = orjson.dumps({"total": number, "note": "x" * 560})
            await producer.send(topic, key=str(new_id()).encode(), value=value)
        await producer.flush()
    finally:
        await producer.stop()
