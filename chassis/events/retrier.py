"""Try parked events again when their rest is over, and let a key go on in order when its oldest event is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import Row, func, select

from chassis.bus.protocol import ConsumerPaused
from chassis.events import parking
from chassis.events.consumer import Consumer
from chassis.events.event import Envelope
from chassis.events.faults import is_transient, reason_of
from chassis.events.tables import parked
from chassis.program import Program
from chassis.security.scope import Area

POLL_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 5.0
ROUND_MAX: Final = 100
_DUE: Final = ("failed", "waiting")

log = structlog.get_logger(__name__)


class ParkedRetrier:
    """The retries of one program's consumers. Several programs of one service may each run one.

    :param consumers: all of the program's consumers; rows of a consumer that no longer exists are left to an operator.
    """

    def __init__(self, program: Program, consumers: Sequence[Consumer], *, poll_seconds: float = POLL_SECONDS) -> None:
        self._program = program
        self._consumers = {consumer.name: consumer for consumer in consumers}
        self._poll_seconds = poll_seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Try what is due until ``stop`` is set. Waits out every outage."""
        while not stop.is_set():
            rest = self._poll_seconds
            try:
                if await self.round():
                    continue
            except Exception as error:  # noqa: BLE001  # a retrier that ended would leave keys blocked for good
                reason = str(error) if isinstance(error, ConsumerPaused) else reason_of(error)
                log.warning("retrier.paused", program=self._program.name, reason=reason)
                rest = PAUSE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), rest)

    async def round(self) -> int:
        """Try each event that is due now, once. Returns how many were tried.

        :raises ConsumerPaused: if the database is away; nothing was counted as a try.
        """
        try:
            due = await self._due()
            tried = 0
            for row in due:
                tried += await self._try(self._consumers[row.consumer], row.event_id, row.subject)
        except Exception as error:
            if is_transient(error):
                raise ConsumerPaused(reason_of(error)) from error
            raise
        return tried

    async def _due(self) -> Sequence[Row[str, UUID, UUID]]:
        columns = parked.c
        query = (
            select(columns.consumer, columns.event_id, columns.subject)
            .where(
                columns.consumer.in_(list(self._consumers)),
                columns.state.in_(_DUE),
                columns.next_try_at <= func.clock_timestamp(),
            )
            .order_by(columns.next_try_at, columns.position)
            .limit(ROUND_MAX)
        )
        async with self._program.database.transaction(Area.everywhere()) as connection:
            return (await connection.execute(query)).all()

    async def _try(self, consumer: Consumer, event_id: UUID, subject: UUID) -> int:
        envelope: Envelope | None = None
        tries = 0
        try:
            async with self._program.database.transaction(Area.everywhere()) as connection:
                if not await parking.try_lock_key(connection, consumer.name, subject):
                    return 0
                query = select(parked).where(
                    parked.c.consumer == consumer.name,
                    parked.c.event_id == event_id,
                    parked.c.state.in_(_DUE),
                    parked.c.next_try_at <= func.clock_timestamp(),
                )
                row = (await connection.execute(query.with_for_update())).one_or_none()
                if row is None:
                    return 0
                envelope, tries = parking.envelope_of(row), row.tries
                after: Callable[[], Awaitable[None]] = await consumer.retry(connection, envelope)
                await parking.release(connection, consumer.name, event_id, subject)
        except Exception as error:
            if envelope is None or is_transient(error):
                raise
            await self._failed(consumer, envelope, tries, error)
            return 1
        await after()
        return 1

    async def _failed(self, consumer: Consumer, envelope: Envelope, tries: int, error: Exception) -> None:
        failure = consumer.failure_of(error)
        async with self._program.database.transaction(Area.everywhere()) as connection:
            state = await parking.postpone(
                connection, consumer.name, envelope.id, tries=tries, failure=failure, policy=consumer.policy
            )
        consumer.note_parked(envelope, state, failure)
