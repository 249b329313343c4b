"""Hold a batch's keys, know what of it was taken before, and note what is taken now; a round trip for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.engine import EVERYWHERE
from chassis.database.round_trip import Statement, pipelined
from chassis.events.event import Envelope
from chassis.events.parking import keys_of

Versions = Mapping[tuple[str, UUID], int]

_LOCK: Final = "SELECT pg_advisory_xact_lock(key) FROM unnest(%(keys)s::bigint[]) AS u(key)"
_BLOCKED: Final = (
    "SELECT DISTINCT subject FROM parked WHERE consumer = %(consumer)s AND subject = ANY(%(subjects)s::uuid[])"
)
_TAKEN: Final = "SELECT event_id FROM inbox WHERE consumer = %(consumer)s AND event_id = ANY(%(ids)s::uuid[])"
_SEEN: Final = (
    "SELECT s.type, s.subject, s.aggregate_version FROM seen_version AS s"
    " JOIN unnest(%(types)s::text[], %(subjects)s::uuid[]) AS u(type, subject)"
    " ON s.type = u.type AND s.subject = u.subject WHERE s.consumer = %(consumer)s"
)
_TAKE: Final = (
    "INSERT INTO inbox (consumer, event_id, type)"
    " SELECT %(consumer)s, id, type FROM unnest(%(ids)s::uuid[], %(types)s::text[]) AS u(id, type)"
)
_SEE: Final = (
    "INSERT INTO seen_version (consumer, type, subject, aggregate_version)"
    " SELECT %(consumer)s, type, subject, version"
    " FROM unnest(%(types)s::text[], %(subjects)s::uuid[], %(versions)s::bigint[]) AS u(type, subject, version)"
    " ON CONFLICT (consumer, type, subject) DO UPDATE"
    " SET aggregate_version = greatest(seen_version.aggregate_version, excluded.aggregate_version)"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a consumer knows of a batch whose keys it holds.

    :param blocked: subjects of which something is parked: what comes later must line up behind it.
    :param taken: ids of events whose effect it took before.
    :param versions: newest versions that it applied of full-state things, by type and subject.
    """

    blocked: frozenset[UUID]
    taken: frozenset[UUID]
    versions: Versions


async def hold(
    connection: AsyncConnection, consumer: str, envelopes: Sequence[Envelope], full_state: Collection[str]
) -> Known:
    """Hold the batch's keys until the transaction ends, over the whole country, and read what is known of it.

    :param full_state: wire types that tell the full state of their subject.
    """
    subjects = {envelope.subject for envelope in envelopes}
    statements: list[Statement] = [
        EVERYWHERE,
        (_LOCK, {"keys": _array(keys_of(consumer, subjects))}),
        (_BLOCKED, {"consumer": consumer, "subjects": _array(subjects)}),
        (_TAKEN, {"consumer": consumer, "ids": _array(envelope.id for envelope in envelopes)}),
    ]
    states = {(envelope.type, envelope.subject) for envelope in envelopes if envelope.type in full_state}
    if states:
        columns = {"types": _array(each[0] for each in states), "subjects": _array(each[1] for each in states)}
        statements.append((_SEEN, {"consumer": consumer, **columns}))
    _, _, blocked, taken, *seen = await pipelined(connection, *statements)
    return Known(
        frozenset(row[0] for row in blocked),
        frozenset(row[0] for row in taken),
        {(row[0], row[1]): row[2] for row in (seen[0] if seen else ())},
    )


async def note(connection: AsyncConnection, consumer: str, envelopes: Sequence[Envelope], versions: Versions) -> None:
    """Mark events as taken and versions as seen, and reach the whole country again afterwards."""
    statements: list[Statement] = [EVERYWHERE]
    if envelopes:
        columns = {"ids": _array(each.id for each in envelopes), "types": _array(each.type for each in envelopes)}
        statements.append((_TAKE, {"consumer": consumer, **columns}))
    if versions:
        keys = {"types": _array(key[0] for key in versions), "subjects": _array(key[1] for key in versions)}
        statements.append((_SEE, {"consumer": consumer, **keys, "versions": _array(versions.values())}))
    await pipelined(connection, *statements)


def _array(values: Iterable[UUID | int | str]) -> str:
    """An array as PostgreSQL writes it, of ids, numbers and wire types, none of which needs quotes.

    The driver looks at each element for what must be quoted; for a batch that costs more than everything else here.
    """
    return "{" + ",".join(map(str, values)) + "}"
