"""Say again what was said, in order: to everyone, or to one consumer that starts from the first event.

What is delivered again lies before everything pending (at negative positions), so that per key an old event never comes
after a newer one. The outbox is read in the order of each key's versions, whatever the machine's clock did.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus.protocol import Bus
from chassis.database.engine import Database
from chassis.events.consumer import Consumer
from chassis.events.relay import RELAY_LOCK
from chassis.security.scope import Area

REDELIVERY_LOCK: Final = RELAY_LOCK + 1
SECONDS_MAX: Final = 600

_PATIENCE: Final = text(
    "SELECT set_config('statement_timeout', :limit, true), set_config('lock_timeout', :limit, true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:lock)")
_PING: Final = text("SELECT 1")
_DROP_LEFTOVERS: Final = text(
    "DELETE FROM pending USING outbox WHERE outbox.id = pending.event_id AND pending.consumer = :consumer"
    " AND outbox.type = ANY(CAST(:types AS text[]))"
)
# The greatest time so far of a key rises with its versions even where the clock was set back in between.
_AGAIN: Final = text(
    "WITH chosen AS ("
    " SELECT id, aggregate_version, max(time) OVER (PARTITION BY subject ORDER BY aggregate_version, id) AS said_at"
    " FROM outbox WHERE type = ANY(CAST(:types AS text[])) AND (CAST(:since AS timestamptz) IS NULL OR time >= :since)"
    "), numbered AS ("
    " SELECT id, row_number() OVER (ORDER BY said_at, aggregate_version, id) AS number, count(*) OVER () AS total"
    " FROM chosen"
    "), front AS (SELECT least(min(position), 0) AS position FROM pending)"
    " INSERT INTO pending (position, event_id, consumer) OVERRIDING SYSTEM VALUE"
    " SELECT coalesce(front.position, 0) - total + number - 1, id, CAST(:consumer AS text) FROM numbered, front"
)

log = structlog.get_logger(__name__)


async def republish(
    producer: Database, types: Collection[str], *, since: datetime | None = None, only: str | None = None
) -> int:
    """Put events of ``types`` before everything that the producer's relay has yet to deliver. Returns how many.

    Consumers that took them already pass them over.

    :param types: wire types.
    :param since: from this instant on; None for everything the service ever said.
    :param only: the one consumer to deliver to; what an earlier call left undelivered for it is replaced.
    """
    async with producer.transaction(Area.everywhere()) as connection:
        await _be_patient(connection, REDELIVERY_LOCK)
        wanted = {"types": list(types), "consumer": only}
        if only is not None:
            await connection.execute(_DROP_LEFTOVERS, wanted)
        count = (await connection.execute(_AGAIN, {**wanted, "since": since})).rowcount
    log.info("events.republished", events=count, only=only)
    return count


async def replay(
    consumer: Consumer, producers: Mapping[str, Database], bus: Bus, *, types: Collection[str] | None = None
) -> int:
    """Let ``consumer`` forget events of ``types`` (default: all that it reads) and hear them again, in order per key.

    Relays of the producers rest meanwhile, so that no live event comes in between. Safe to repeat after a crash at any
    point: the events to deliver are durable before anything is forgotten. Returns how many will be delivered.

    :param producers: databases of the services that publish these types, by service.
    :raises ValueError: for a type that the consumer does not read, or one whose producer is not given.
    """
    chosen = frozenset(consumer.types if types is None else types)
    by_producer: dict[str, list[str]] = {}
    for wire_type in sorted(chosen):
        by_producer.setdefault(_producer_of(wire_type), []).append(wire_type)
    if not chosen <= consumer.types:
        raise ValueError(f"{consumer.name} does not read {', '.join(sorted(chosen - consumer.types))}")
    if missing := by_producer.keys() - producers.keys():
        raise ValueError(f"give the databases of {', '.join(sorted(missing))}, which publish what is replayed")
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(_resting_relay(producers[name])) for name in sorted(by_producer)]
        count = 0
        for name, of_producer in by_producer.items():
            count += await republish(producers[name], of_producer, only=consumer.name)
        await bus.skip_backlog(consumer, chosen)
        for connection in held:
            await connection.execute(_PING)  # a lock whose connection broke holds no relay back
        await consumer.forget(chosen)
    return count


def _producer_of(wire_type: str) -> str:
    """``cn.xianjie.monitoring.person.recorded.v1`` → ``monitoring``."""
    return wire_type.split(".")[2]


@asynccontextmanager
async def _resting_relay(producer: Database) -> AsyncIterator[AsyncConnection]:
    async with producer.transaction(Area.everywhere()) as connection:
        await _be_patient(connection, RELAY_LOCK)
        yield connection


async def _be_patient(connection: AsyncConnection, lock: int) -> None:
    await connection.execute(_PATIENCE, {"limit": f"{SECONDS_MAX}s"})
    await connection.execute(_LOCK, {"lock": lock})
