"""Hold a batch's keys, know what of it was taken before, and note what is taken now; a round trip for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.arrays import array
from chassis.database.engine import EVERYWHERE
from chassis.database.round_trip import Statement, pipelined
from chassis.events.event import Envelope
from chassis.events.parking import keys_of

Key: TypeAlias = tuple[bytes, bytes]
"""Wire type and subject of a full-state thing, as text."""


class State(NamedTuple):
    """The newest state of a thing that a consumer took, and the event that told it."""

    version: int
    event_id: bytes


States: TypeAlias = Mapping[Key, State]

_LOCK: Final = "SELECT pg_advisory_xact_lock(key) FROM unnest(%(keys)s::bigint[]) AS u(key)"
_BLOCKED: Final = (
    "SELECT DISTINCT subject::text FROM parked WHERE consumer = %(consumer)s AND subject = ANY(%(subjects)s::uuid[])"
)
_TAKEN: Final = "SELECT event_id::text FROM inbox WHERE consumer = %(consumer)s AND event_id = ANY(%(ids)s::uuid[])"
_SEEN: Final = (
    # Lists, not a join: that reads everything the consumer ever saw where the planner takes the table for a small one.
    "SELECT type, subject::text, aggregate_version, event_id::text FROM seen_version WHERE consumer = %(consumer)s"
    " AND type = ANY(%(types)s::text[]) AND subject = ANY(%(subjects)s::uuid[])"
)
_TAKE: Final = (
    "INSERT INTO inbox (consumer, event_id, type)"
    " SELECT %(consumer)s, id, type FROM unnest(%(ids)s::uuid[], %(types)s::text[]) AS u(id, type)"
)
_SEE: Final = (
    "INSERT INTO seen_version (consumer, type, subject, aggregate_version, event_id)"
    " SELECT %(consumer)s, u.* FROM unnest("
    "%(types)s::text[], %(subjects)s::uuid[], %(versions)s::bigint[], %(ids)s::uuid[]) AS u"
    " ON CONFLICT (consumer, type, subject) DO UPDATE"
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
    full_state: Collection[str],
    by_state: Collection[str],
) -> Known:
    """Hold the batch's keys until the transaction ends, over the whole country, and read what is known of it.

    :param full_state: wire types that tell the full state of their subject.
    :param by_state: those of them whose events have no row in the inbox.
    """
    texts = [envelope.text for envelope in envelopes]
    subjects = {text.subject for text in texts}
    statements: list[Statement] = [
        EVERYWHERE,
        (_LOCK, {"keys": array(keys_of(consumer, subjects))}),
        (_BLOCKED, {"consumer": consumer, "subjects": array(subjects)}),
    ]
    in_inbox = [each.text.id for each in envelopes if each.type not in by_state]
    statements.append((_TAKEN, {"consumer": consumer, "ids": array(in_inbox)}))
    states = [each.text for each in envelopes if each.type in full_state]
    if states:
        columns = {"types": array({text.type for text in states}), "subjects": array({text.subject for text in states})}
        statements.append((_SEEN, {"consumer": consumer, **columns}))
    _, _, blocked, taken, *seen = await pipelined(connection, *statements)
    return Known(
        frozenset(row[0].encode() for row in blocked),
        frozenset(row[0].encode() for row in taken),
        {(row[0].encode(), row[1].encode()): State(row[2], row[3].encode()) for row in (seen[0] if seen else ())},
    )


async def note(connection: AsyncConnection, consumer: str, envelopes: Sequence[Envelope], states: States) -> None:
    """Mark events as taken in the inbox and states as seen, and reach the whole country again afterwards."""
    statements: list[Statement] = [EVERYWHERE]
    if envelopes:
        columns = {
            "ids": array(each.text.id for each in envelopes),
            "types": array(each.text.type for each in envelopes),
        }
        statements.append((_TAKE, {"consumer": consumer, **columns}))
    if states:
        keys = {"types": array(key[0] for key in states), "subjects": array(key[1] for key in states)}
        told = {
            "versions": array(each.version for each in states.values()),
            "ids": array(each.event_id for each in states.values()),
        }
        statements.append((_SEE, {"consumer": consumer, **keys, **told}))
    await pipelined(connection, *statements)
