"""Deliver each recorded event to the bus at least once, in order per key.

One relay works per database, whoever holds the lock. It reads what is pending in order of position, and a row goes only
after the bus's acknowledgement, so nothing is skipped: not what commits late, not what a lost acknowledgement left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus.protocol import Bus, BusAway
from chassis.database.engine import EVERYWHERE
from chassis.database.round_trip import pipelined
from chassis.events import metrics, wakeup
from chassis.events.event import Envelope
from chassis.events.faults import reason_of
from chassis.program import Program

RELAY_LOCK: Final = 0x7869616E6A696501  # "xianjie", 1: advisory locks are one number space for each database
BATCH_MAX: Final = 500
POLL_SECONDS: Final = 0.2
PAUSE_SECONDS_MAX: Final = 5.0
PUBLISH_SECONDS_MAX: Final = 60.0
"""Shorter than the server's idle_in_transaction_session_timeout, so that the lock never goes before the batch."""
UNWELL_AFTER_SECONDS: Final = 30.0
_GROWTH: Final = 10
_MEASURE_SECONDS: Final = 5.0
_COUNT_MAX: Final = 100_000

_TRY_LOCK: Final = "SELECT pg_try_advisory_xact_lock(%(lock)s)"
_READ: Final = text(
    "SELECT p.position, p.consumer, o.id, o.type, o.subject, o.aggregate_version, o.region, o.time,"
    " o.traceparent, o.data::text AS data"
    " FROM (SELECT position, event_id, consumer FROM pending ORDER BY position LIMIT :limit) AS p"
    " JOIN outbox AS o ON o.id = p.event_id ORDER BY p.position"
)
_ACKNOWLEDGED: Final = text("DELETE FROM pending WHERE position = ANY(CAST(:positions AS bigint[]))")
_COUNT: Final = text("SELECT count(*) FROM (SELECT FROM pending LIMIT :limit) AS counted")

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
        self._source = f"/services/{program.name}"
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
                    if await self.deliver_batch():
                        pause = POLL_SECONDS
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
        async with self._program.database.engine.begin() as connection:
            _, [(locked,)] = await pipelined(connection, EVERYWHERE, (_TRY_LOCK, {"lock": RELAY_LOCK}))
            if not locked:
                self._well_at = time.monotonic()
                return 0
            rows = (await connection.execute(_READ, {"limit": self._size})).all()
            await self._measure(connection, rows[0].time if rows else None)
            if rows:
                await self._publish(rows)
                await connection.execute(_ACKNOWLEDGED, {"positions": [row.position for row in rows]})
        self._well_at = time.monotonic()
        metrics.published.labels(self._program.name).inc(len(rows))
        return len(rows)

    async def _publish(self, rows: Sequence[Any]) -> None:
        try:
            async with asyncio.timeout(self._publish_seconds_max):
                for only, part in groupby(rows, key=lambda row: row.consumer):
                    await self._bus.publish([self._envelope(row) for row in part], only=only)
        except TimeoutError:
            # Smaller batches until one fits, down to one event: a slow consumer delays delivery and never stops it.
            self._size = max(1, len(rows) // 2)
            raise BusAway("the bus did not acknowledge in time") from None
        self._size = min(self._batch_max, self._size + _GROWTH)

    def _envelope(self, row: Any) -> Envelope:
        return Envelope(
            id=row.id,
            type=row.type,
            source=self._source,
            subject=row.subject,
            aggregate_version=row.aggregate_version,
            region=row.region,
            time=row.time,
            traceparent=row.traceparent,
            data=orjson.loads(row.data),
        )

    async def _measure(self, connection: AsyncConnection, oldest: datetime | None) -> None:
        """Show the backlog, now and then: counting it costs more than one batch when it is long."""
        now = self._program.clock.system_now()
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        metrics.pending_seconds.labels(self._program.name).set(age)
        if time.monotonic() - self._measured_at >= _MEASURE_SECONDS:
            self._measured_at = time.monotonic()
            backlog = (await connection.execute(_COUNT, {"limit": _COUNT_MAX})).scalar_one()
            metrics.pending_events.labels(self._program.name).set(backlog)

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: ready while batches go through, not merely while the task lives."""
        silent = time.monotonic() - self._well_at
        return {"ready": silent < UNWELL_AFTER_SECONDS, "seconds_since_progress": round(silent, 1)}
