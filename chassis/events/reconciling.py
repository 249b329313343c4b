"""Compare what a service said with what a consumer took, by counts and digests, and name what differs.

Events of full state are compared by the newest version of each aggregate, all others one by one. The digests are of 256
buckets, so that two databases of millions exchange a few kilobytes unless something differs. What is on its way (still
pending, or parked) is counted apart: it is no difference yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.engine import Database
from chassis.security.scope import Area

NAMED_MAX: Final = 100
"""How many differences of one type are named; all of them are counted."""

# Both statements give one row for each aggregate or event: its id, and the version that must agree.
_SAID_STATES: Final = (
    "SELECT subject AS id, max(aggregate_version) AS version FROM outbox WHERE type = :type GROUP BY subject"
)
_SAID_FACTS: Final = "SELECT id, 1 AS version FROM outbox WHERE type = :type"
_TAKEN_STATES: Final = (
    "SELECT subject AS id, aggregate_version AS version FROM seen_version WHERE consumer = :consumer AND type = :type"
)
_TAKEN_FACTS: Final = "SELECT event_id AS id, 1 AS version FROM inbox WHERE consumer = :consumer AND type = :type"

# The last byte of an id is random in every version of UUID, so the buckets are even.
_DIGESTS: Final = """
SELECT get_byte(uuid_send(id), 15) AS bucket, count(*) AS number,
       encode(sha256(convert_to(string_agg(id::text || ' ' || version, ',' ORDER BY id), 'UTF8')), 'hex') AS digest
FROM ({rows}) AS compared GROUP BY bucket
"""
_BUCKET: Final = "SELECT id, version FROM ({rows}) AS compared WHERE get_byte(uuid_send(id), 15) = :bucket"

_PENDING: Final = text(
    "SELECT o.id, o.subject FROM pending AS p JOIN outbox AS o ON o.id = p.event_id"
    " WHERE o.type = :type AND (p.consumer IS NULL OR p.consumer = :consumer)"
)
_PARKED: Final = text("SELECT event_id AS id, subject FROM parked WHERE consumer = :consumer AND type = :type")


class Gap(StrEnum):
    """How a consumer differs from the producer in one aggregate or event."""

    MISSING = "missing"
    """Said and never taken."""
    BEHIND = "behind"
    """An older version was taken than the newest said."""
    AHEAD = "ahead"
    """A newer version was taken than was ever said: the producer was restored to an earlier point."""
    UNKNOWN = "unknown"
    """Taken and never said: the producer was restored to an earlier point, or somebody else published it."""


BY_REPUBLISH: Final = frozenset({Gap.MISSING, Gap.BEHIND})
"""Gaps that delivering again closes; of the others the consumer must first forget, which a replay does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One aggregate (full state) or one event that differs. ``said`` and ``taken`` are versions; None for none."""

    id: UUID
    gap: Gap
    said: int | None
    taken: int | None


@dataclass(slots=True)
class Comparison:
    """One type of event, as its producer said it and one consumer took it.

    :ivar said: aggregates (full state) or events of the producer; ``taken``: of the consumer.
    :ivar on_the_way: how many are pending or parked and therefore not compared.
    :ivar counts: differences by their kind; ``named``: the first of them.
    """

    type: str
    full_state: bool
    said: int = 0
    taken: int = 0
    on_the_way: int = 0
    counts: dict[Gap, int] = field(default_factory=dict)
    named: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.counts

    @property
    def closes_by_republish(self) -> bool:
        """Whether every difference goes when the producer publishes again; otherwise the consumer must replay."""
        return self.counts.keys() <= BY_REPUBLISH


async def compare(
    producer: Database, taker: Database, *, consumer: str, types: Mapping[str, bool], named_max: int = NAMED_MAX
) -> list[Comparison]:
    """Compare each of ``types`` (wire type → whether it carries full state), in their order.

    Each database is read at one moment of its own, the consumer's first: what crosses in between is said and not yet
    taken, and either still on its way or shown as missing; compare again when the platform is quiet.

    :param consumer: the consumer's name, as in its inbox.
    """
    found = []
    for wire_type, full_state in types.items():
        async with (
            taker.transaction(Area.everywhere()) as there,
            producer.transaction(Area.everywhere()) as here,
        ):
            found.append(await _compare(here, there, consumer, Comparison(wire_type, full_state), named_max))
    return found


async def _compare(
    here: AsyncConnection, there: AsyncConnection, consumer: str, result: Comparison, named_max: int
) -> Comparison:
    bound = {"type": result.type, "consumer": consumer}
    rows = (_SAID_STATES, _TAKEN_STATES) if result.full_state else (_SAID_FACTS, _TAKEN_FACTS)
    taken = await _digests(there, rows[1], bound)
    said = await _digests(here, rows[0], bound)
    result.said = sum(number for number, _ in said.values())
    result.taken = sum(number for number, _ in taken.values())
    underway = await _underway(here, there, bound, full_state=result.full_state)
    result.on_the_way = len(underway)
    for bucket in sorted(said.keys() | taken.keys()):
        if said.get(bucket) == taken.get(bucket):
            continue
        ours = await _versions(here, rows[0], bound, bucket)
        theirs = await _versions(there, rows[1], bound, bucket)
        _note(result, ours, theirs, underway, named_max)
    return result


def _note(
    result: Comparison,
    ours: Mapping[UUID, int],
    theirs: Mapping[UUID, int],
    underway: Collection[UUID],
    named_max: int,
) -> None:
    for each in sorted(ours.keys() | theirs.keys()):
        said, taken = ours.get(each), theirs.get(each)
        if said == taken or each in underway:
            continue
        gap = _gap(said, taken)
        result.counts[gap] = result.counts.get(gap, 0) + 1
        if len(result.named) < named_max:
            result.named.append(Difference(each, gap, said, taken))


def _gap(said: int | None, taken: int | None) -> Gap:
    if said is None:
        return Gap.UNKNOWN
    if taken is None:
        return Gap.MISSING
    return Gap.BEHIND if taken < said else Gap.AHEAD


async def _underway(
    here: AsyncConnection, there: AsyncConnection, bound: Mapping[str, Any], *, full_state: bool
) -> set[UUID]:
    found: set[UUID] = set()
    for connection, statement in ((here, _PENDING), (there, _PARKED)):
        rows: Sequence[Any] = (await connection.execute(statement, bound)).all()
        found |= {row.subject if full_state else row.id for row in rows}
    return found


async def _digests(connection: AsyncConnection, rows: str, bound: Mapping[str, Any]) -> dict[int, tuple[int, str]]:
    found = await connection.execute(_of(_DIGESTS, rows), _named_in(rows, bound))
    return {row.bucket: (row.number, row.digest) for row in found}


async def _versions(connection: AsyncConnection, rows: str, bound: Mapping[str, Any], bucket: int) -> dict[UUID, int]:
    found = await connection.execute(_of(_BUCKET, rows), {**_named_in(rows, bound), "bucket": bucket})
    return {row.id: row.version for row in found}


def _of(statement: str, rows: str) -> TextClause:
    return text(statement.format(rows=rows))


def _named_in(rows: str, bound: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bound.items() if f":{name}" in rows}
