"""Hold a batch's keys, know what of it was taken before, and note what is taken now; a round trip for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.arrays import array, ids, numbers
from chassis.database.engine import EVERYWHERE, bound_to
from chassis.database.round_trip import Statement, pipelined
from chassis.events.event import Envelope
from chassis.events.parking import keys_of
from chassis.security.scope import Area

Key: TypeAlias = tuple[bytes, bytes]
"""Wire type and subject of a full-state thing, as text."""


class State(NamedTuple):
    """The newest state of a thing that a consumer took, and the event that told it."""

    version: int
    event_id: bytes


States: TypeAlias = Mapping[Key, State]

# The first statement holds the keys; so the second, with a snapshot of its own, sees all that was done to them.
_LOCK: Final = (
    "SELECT set_config('app.area_lo', %(lo)s, true), set_config('app.area_hi', %(hi)s, true),"
    " count(pg_advisory_xact_lock(key)) FROM unnest(%(keys)s::bigint[]) AS u(key)"
)
# Lists, not joins: those read all that the consumer ever took where the planner thinks the table a small one.
_KNOWN: Final = """
    SELECT 'blocked', NULL, subject::text, NULL::bigint, NULL FROM parked
    WHERE consumer = %(consumer)s AND subject = ANY(%(subjects)s::uuid[])
    UNION ALL
    SELECT 'taken', NULL, event_id::text, NULL, NULL FROM inbox
    WHERE consumer = %(consumer)s AND event_id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'seen', type, subject::text, aggregate_version, event_id::text FROM seen_version
    WHERE consumer = %(consumer)s AND type = ANY(%(types)s::text[]) AND subject = ANY(%(stated)s::uuid[])
"""
_BLOCKED: Final = (
    "SELECT subject FROM parked WHERE consumer = %(consumer)s AND subject = ANY(%(subjects)s::uuid[]) LIMIT 1"
)
_TAKE: Final = (
    "INSERT INTO inbox (consumer, event_id, type)"
    " SELECT %(consumer)s, id, type FROM unnest(%(ids)s::uuid[], %(types)s::text[]) AS u(id, type)"
)
_SEE: Final = (
    "INSERT INTO seen_version (consumer, type, subject, aggregate_version, event_id)"
    " SELECT %(consumer)s, u.* FROM unnest("
    "%(types)s::text[], %(subjects)s::uuid[], %(versions)s::bigint[], %(ids)s::uuid[]) AS u"
    " ON CONFLICT (subject, type, consumer) DO UPDATE"
    " SET aggregate_version = excluded.aggregate_version, event_id = excluded.event_id"
    " WHERE seen_version.aggregate_version <= excluded.aggregate_version"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a consumer knows of a batch whose keys it holds; ids are text.

    :param blocked: subjects of which something is parked: what comes later must line up behind it.
    :param taken: ids of events whose effect it took before, as the inbox has them.
    :param states: the newest states that it took of full-state things.
    """

    blocked: frozenset[bytes]
    taken: frozenset[bytes]
    states: States

    def is_new(self, envelope: Envelope, *, by_state: bool) -> bool:
        """Whether the event's effect is yet to be taken.

        :param by_state: it has no row in the inbox; the state that it tells says as much.
        """
        text = envelope.text
        if not by_state:
            return text.id not in self.taken
        seen = self.states.get((text.type, text.subject))
        return seen is None or (seen.version <= envelope.aggregate_version and seen.event_id != text.id)


async def hold(
    connection: AsyncConnection,
    consumer: str,
    envelopes: Sequence[Envelope],
    *,
    full_state: Collection[bytes],
    by_state: Collection[bytes],
    area: Area | None = None,
) -> Known:
    """Hold the batch's keys until the transaction ends, over the whole country, and read what is known of it.

    :param full_state: wire types, as text, that tell the full state of their subject.
    :param by_state: those of them whose events have no row in the inbox.
    :param area: what the transaction is to be bound to afterwards; the whole country if None.
    """
    subjects = list({envelope.text.subject for envelope in envelopes})
    states = [envelope.text for envelope in envelopes if envelope.text.type in full_state]
    asked: dict[str, Any] = {
        "consumer": consumer,
        "subjects": ids(subjects),
        "ids": ids([envelope.text.id for envelope in envelopes if envelope.text.type not in by_state]),
        "types": array(list({text.type for text in states})),
        "stated": ids(list({text.subject for text in states})),
    }
    held: Statement = (_LOCK, {**EVERYWHERE[1], "keys": numbers(keys_of(consumer, subjects))})
    statements = [held, (_KNOWN, asked)]
    if area is not None:
        statements.append(bound_to(area))
    rows = (await pipelined(connection, *statements))[1]
    return Known(
        frozenset(row[2].encode() for row in rows if row[0] == "blocked"),
        frozenset(row[2].encode() for row in rows if row[0] == "taken"),
        {(row[1].encode(), row[2].encode()): State(row[3], row[4].encode()) for row in rows if row[0] == "seen"},
    )


def blocked(consumer: str, subjects: Sequence[bytes]) -> Statement:
    """The statement that gives a row if anything is parked of ``subjects``, for a pipeline over the whole country."""
    return (_BLOCKED, {"consumer": consumer, "subjects": ids(subjects)})


async def note(
    connection: AsyncConnection, consumer: str, envelopes: Sequence[Envelope], states: States, *, commit: bool
) -> None:
    """Mark events as taken in the inbox and states as seen; then commit, or reach the whole country again."""
    statements: list[Statement] = [EVERYWHERE]
    if envelopes:
        columns = {
            "ids": ids([each.text.id for each in envelopes]),
            "types": array([each.text.type for each in envelopes]),
        }
        statements.append((_TAKE, {"consumer": consumer, **columns}))
    if states:
        keys = {"types": array([key[0] for key in states]), "subjects": ids([key[1] for key in states])}
        told = {
            "versions": numbers([each.version for each in states.values()]),
            "ids": ids([each.event_id for each in states.values()]),
        }
        statements.append((_SEE, {"consumer": consumer, **keys, **told}))
    await pipelined(connection, *statements, commit=commit)
