"""Keep events that cannot be applied now beside the stream, in order per key, so that other keys go on.

Of one consumer and key only the oldest row is ever ``failed``, ``waiting`` or ``dead``; those after it are ``behind``.
So what is due is found by its state alone, and a key is released by promoting its next row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events.event import Envelope
from chassis.events.tables import parked

BACKOFF_SECONDS: Final = (1.0, 5.0, 30.0, 120.0, 600.0)
WAITING_SECONDS: Final = 30.0

_LOCK: Final = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS u(key)")
_TRY_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(:key)")
_PROMOTE: Final = text(
    "UPDATE parked SET state = 'failed', tries = 0, next_try_at = clock_timestamp()"
    " WHERE consumer = :consumer AND state = 'behind' AND position = (SELECT min(position) FROM parked AS older"
    " WHERE older.consumer = :consumer AND older.subject = :subject)"
)
_PROMOTE_ALL: Final = text(
    "UPDATE parked SET state = 'failed', tries = 0, next_try_at = clock_timestamp()"
    " WHERE consumer = :consumer AND state = 'behind' AND NOT EXISTS (SELECT FROM parked AS older"
    " WHERE older.consumer = :consumer AND older.subject = parked.subject AND older.position < parked.position)"
)
_REMOVE: Final = text("DELETE FROM parked WHERE consumer = :consumer AND event_id = :event_id")
_POSTPONE: Final = text(
    "UPDATE parked SET state = :state, tries = :tries, reason = :reason, awaits = :awaits,"
    " next_try_at = clock_timestamp() + make_interval(secs => :delay)"
    " WHERE consumer = :consumer AND event_id = :event_id"
)
_WAKE: Final = text(
    "UPDATE parked SET next_try_at = clock_timestamp()"
    " WHERE state = 'waiting' AND awaits = ANY(CAST(:subjects AS uuid[]))"
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a parked event rests before each try; as many tries as there are rests, then it is dead."""

    backoff_seconds: Sequence[float] = BACKOFF_SECONDS
    waiting_seconds: float = WAITING_SECONDS
    """Rest of an event that waits for a person, in case the news of that person was missed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event was not applied.

    :param reason: names and codes only.
    :param awaits: the person or household that must be known first, else None.
    """

    reason: str
    awaits: UUID | None = None


def _text(subject: UUID) -> bytes:
    return str(subject).encode()


def _key(consumer: str, subject: bytes) -> int:
    digest = hashlib.blake2b(consumer.encode() + b"\0" + subject, digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def keys_of(consumer: str, subjects: Iterable[bytes]) -> list[int]:
    """The locks of the consumer's keys, in the one order in which they are taken, so that batches never deadlock.

    :param subjects: ids as text.
    """
    return sorted({_key(consumer, subject) for subject in subjects})


async def lock_keys(connection: AsyncConnection, consumer: str, subjects: Iterable[UUID]) -> None:
    """Hold the consumer's keys until the transaction ends."""
    await connection.execute(_LOCK, {"keys": keys_of(consumer, [_text(each) for each in subjects])})


async def try_lock_key(connection: AsyncConnection, consumer: str, subject: UUID) -> bool:
    """Hold one key if nobody does."""
    return bool((await connection.execute(_TRY_LOCK, {"key": _key(consumer, _text(subject))})).scalar_one())


async def park(connection: AsyncConnection, consumer: str, envelope: Envelope, failure: Failure, rest: float) -> str:
    """Put the first event of a key aside. Returns the state that it got; nothing happens if it is parked already."""
    state = "failed" if failure.awaits is None else "waiting"
    await _insert(connection, [_row(consumer, envelope, state, failure, rest)])
    return state


async def line_up(connection: AsyncConnection, consumer: str, envelopes: Sequence[Envelope]) -> None:
    """Append events of blocked keys in the order given; those parked already keep their places."""
    behind = Failure("behind an earlier event of its key")
    await _insert(connection, [_row(consumer, envelope, "behind", behind, 0) for envelope in envelopes])


def _row(consumer: str, envelope: Envelope, state: str, failure: Failure, rest: float) -> dict[str, Any]:
    return {
        "consumer": consumer,
        "event_id": envelope.id,
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.subject,
        "aggregate_version": envelope.aggregate_version,
        "region": envelope.region,
        "time": envelope.time,
        "traceparent": envelope.traceparent,
        "data": envelope.data,
        "state": state,
        "next_try_at": func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, rest),
        "reason": failure.reason,
        "awaits": failure.awaits,
    }


async def _insert(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:  # one by one: positions follow this order
        await connection.execute(insert(parked).values(row).on_conflict_do_nothing())


async def release(connection: AsyncConnection, consumer: str, event_id: UUID, subject: UUID) -> None:
    """Take an event out that was applied or dropped, and let the next of its key be tried."""
    await connection.execute(_REMOVE, {"consumer": consumer, "event_id": event_id})
    await connection.execute(_PROMOTE, {"consumer": consumer, "subject": subject})


async def release_all(connection: AsyncConnection, consumer: str) -> None:
    """Let every key be tried whose oldest row was removed."""
    await connection.execute(_PROMOTE_ALL, {"consumer": consumer})


async def postpone(
    connection: AsyncConnection, consumer: str, event_id: UUID, *, tries: int, failure: Failure, policy: RetryPolicy
) -> str:
    """Note a try that failed. Returns the state that the event got. A wait for a person is no try."""
    if failure.awaits is not None:
        state, delay = "waiting", policy.waiting_seconds
    else:
        tries += 1
        spent = tries >= len(policy.backoff_seconds)
        state, delay = ("dead", 0.0) if spent else ("failed", policy.backoff_seconds[tries])
    parameters = {"state": state, "tries": tries, "reason": failure.reason, "awaits": failure.awaits, "delay": delay}
    await connection.execute(_POSTPONE, {"consumer": consumer, "event_id": event_id, **parameters})
    return state


async def wake_waiting(connection: AsyncConnection, subjects: Iterable[UUID]) -> None:
    """Let events that wait for any of ``subjects`` be tried now, whichever consumer they belong to."""
    await connection.execute(_WAKE, {"subjects": list(subjects)})


def envelope_of(row: Any) -> Envelope:
    """The event that a row of ``parked`` keeps."""
    return Envelope(
        id=row.event_id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        aggregate_version=row.aggregate_version,
        region=row.region,
        time=row.time,
        traceparent=row.traceparent,
        data=row.data,
    )
