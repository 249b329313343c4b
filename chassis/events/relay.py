"""Deliver each recorded event to the bus at least once, in order per key.

One relay works per database, whoever holds the lock. It reads what is pending in order of position, and a row goes only
after the bus's acknowledgement, so nothing is skipped: not what commits late, not what a lost acknowledgement left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby, islice, repeat
from typing import Any, Final, NamedTuple

import structlog
from psycopg.pq.abc import PGresult

from chassis.bus.protocol import Bus, BusAway
from chassis.database.arrays import array
from chassis.database.engine import EVERYWHERE
from chassis.database.pipeline import BEGIN, COMMIT, ROLLBACK, PipelineConnection, Statement
from chassis.events import metrics, wakeup
from chassis.events.event import Envelope, text_of
from chassis.events.faults import reason_of
from chassis.program import Program

RELAY_LOCK: Final = 0x7869616E6A696501  # "xianjie", 1: advisory locks are one number space for each database
BATCH_MAX: Final = 4_000
POLL_SECONDS: Final = 0.2
PAUSE_SECONDS_MAX: Final = 5.0
PUBLISH_SECONDS_MAX: Final = 60.0
"""Shorter than the server's idle_in_transaction_session_timeout, so that the lock never goes before the batch."""
UNWELL_AFTER_SECONDS: Final = 30.0
_GROWTH: Final = 10
_MEASURE_SECONDS: Final = 5.0
_COUNT_MAX: Final = 100_000

# A commit that a crash takes back costs only a second delivery, so nobody waits for the disk.
_AREA: Final = Statement(EVERYWHERE[0] + ", set_config('synchronous_commit', 'off', true)")
_TRY_LOCK: Final = Statement("SELECT pg_try_advisory_xact_lock(%(lock)s)")
# Taken row by row: no estimate of how many are pending may lead to reading the whole outbox.
_READ: Final = Statement(
    "SELECT p.position, p.consumer, o.* FROM ("
    " SELECT position, event_id, consumer FROM pending ORDER BY position LIMIT %(limit)s"
    ") AS p CROSS JOIN LATERAL ("
    " SELECT id, type, subject, aggregate_version, region, time, traceparent, data FROM outbox"
    " WHERE id = p.event_id LIMIT 1"
    ") AS o ORDER BY p.position"
)
_COLUMNS: Final = range(10)
_FORGET: Final = Statement("DELETE FROM pending WHERE position = ANY(%(positions)s::bigint[])")
_COUNT: Final = Statement("SELECT count(*) FROM (SELECT FROM pending LIMIT %(limit)s) AS counted")

log = structlog.get_logger(__name__)


class Relay:
    """The relay of one service. It may run in several programs of that service at once; one of them works."""

    def __init__(
        self,
        program: Program,
        bus: Bus,
        *,
        batch_max: int = BATCH_MAX,
        publish_seconds_max: float = PUBLISH_SECONDS_MAX,
    ) -> None:
        self._program = program
        self._bus = bus
        self._source = f"/services/{program.name}".encode()
        self._batch_max = batch_max
        self._size = batch_max
        self._publish_seconds_max = publish_seconds_max
        self._well_at = time.monotonic()
        self._measured_at = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop`` is set; then finish the batch in hand. Waits out every outage."""
        bell = asyncio.Event()
        listener = asyncio.create_task(wakeup.listen(self._program.database, bell))
        try:
            pause = POLL_SECONDS
            while not stop.is_set():
                bell.clear()
                try:
                    size = self._size
                    delivered = await self.deliver_batch()
                    if delivered:
                        pause = POLL_SECONDS
                    if delivered >= size:  # of what was committed since, the bell has told
                        continue
                except Exception as error:  # noqa: BLE001  # a relay that ended would end delivery; it says so and goes on
                    metrics.relay_failures.labels(self._program.name).inc()
                    reason = str(error) if isinstance(error, BusAway) else reason_of(error)
                    log.warning("relay.paused", service=self._program.name, reason=reason)
                    pause = min(pause * 2, PAUSE_SECONDS_MAX)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), pause)
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), POLL_SECONDS)
        finally:
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener

    async def deliver_batch(self) -> int:
        """Publish the next batch and forget it once acknowledged. Returns how many events that were.

        0 also when another relay holds this database's lock.

        :raises BusAway: if the bus did not acknowledge; all of it stays pending.
        """
        async with self._program.database.hot.lent() as connection:
            try:
                return await self._deliver(connection)
            except BusAway:
                # Not by closing, which the server notices when it comes to it: the next try is to find the lock free.
                if not connection.is_lost:
                    await connection.send((ROLLBACK,), {})
                raise
            except BaseException:
                await connection.close()  # and with it the transaction
                raise

    async def _deliver(self, connection: PipelineConnection) -> int:
        bound = {**EVERYWHERE[1], "lock": RELAY_LOCK, "limit": self._size}
        # Whoever does not get the lock reads in vain, and publishes nothing of it.
        *_, lock, read = await connection.send((BEGIN, _AREA, _TRY_LOCK, _READ), bound)
        rows = _Rows.of(read, self._source) if lock.get_value(0, 0) == b"t" else None
        envelopes = rows.envelopes if rows is not None else []
        if rows is not None:
            await self._measure(connection, envelopes[0].time if envelopes else None)
        if rows is not None and envelopes:
            await self._publish(rows)
            await connection.send((_FORGET, COMMIT), {"positions": array(rows.positions)})
        else:
            await connection.send((COMMIT,), {})
        self._well_at = time.monotonic()
        metrics.published.labels(self._program.name).inc(len(envelopes))
        return len(envelopes)

    async def _publish(self, rows: _Rows) -> None:
        left = iter(rows.envelopes)
        try:
            async with asyncio.timeout(self._publish_seconds_max):
                for only, part in groupby(rows.only):
                    envelopes = list(islice(left, sum(1 for _ in part)))
                    await self._bus.publish(envelopes, only=None if only is None else only.decode())
        except TimeoutError:
            # Smaller batches until one fits, down to one event: a slow consumer delays delivery and never stops it.
            self._size = max(1, len(rows.envelopes) // 2)
            raise BusAway("the bus did not acknowledge in time") from None
        self._size = min(self._batch_max, self._size + _GROWTH)

    async def _measure(self, connection: PipelineConnection, oldest: datetime | None) -> None:
        """Show the backlog, now and then: counting it costs more than one batch when it is long."""
        now = self._program.clock.system_now()
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        metrics.pending_seconds.labels(self._program.name).set(age)
        if time.monotonic() - self._measured_at >= _MEASURE_SECONDS:
            self._measured_at = time.monotonic()
            (counted,) = await connection.send((_COUNT,), {"limit": _COUNT_MAX})
            metrics.pending_events.labels(self._program.name).set(int(counted.get_value(0, 0) or 0))

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: ready while batches go through, not merely while the task lives."""
        silent = time.monotonic() - self._well_at
        return {"ready": silent < UNWELL_AFTER_SECONDS, "seconds_since_progress": round(silent, 1)}


class _Rows(NamedTuple):
    """Rows of ``pending``, and the events that they stand for."""

    positions: Sequence[bytes]
    only: Sequence[bytes | None]
    envelopes: Sequence[Envelope]

    @classmethod
    def of(cls, read: PGresult, source: bytes) -> _Rows:
        value: Callable[[int, int], Any] = read.get_value  # only two of the columns may be null
        positions, only, event_ids, wire_types, subjects, versions, regions, said_at, traceparents, data = (
            list(map(value, range(read.ntuples), repeat(column))) for column in _COLUMNS
        )
        times = [said[:10] + b"T" + said[11:-3] + b"Z" for said in said_at]
        of_all = repeat(source, read.ntuples)
        parts = (event_ids, wire_types, of_all, subjects, versions, regions, times, traceparents, data)
        texts = list(map(text_of, zip(*parts, strict=True)))
        return cls(positions, only, Envelope.of_texts(texts))
