"""Read what changed in an area since a position, without gaps and in one order for everybody.

The order is (epoch, xid, kind, id, region). Only what lies below the horizon is told: there every transaction has
ended, so nothing can appear later at a place that was already passed. The horizon is the cluster's, so one open
transaction of hours holds the feed back as long; bulk work commits in chunks of seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import BigInteger, Row, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audit.epochs import CURRENT_EPOCH, RestoredDatabase
from chassis.errors import CursorSpoiled
from chassis.security.scope import Area

_NIL: Final = UUID(int=0)
_BEFORE_ALL: Final = -1


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed's order; everything up to it has been told.

    :param epoch: the database's life in which it was given; it holds in no other.
    :param row_epoch: the life in which the last thing told was written; with the rest, the place itself.
    """

    epoch: int
    row_epoch: int
    xid: int = 0
    kind: str = ""
    id: UUID = _NIL
    region: int = 0

    def as_payload(self) -> dict[str, Any]:
        return {"e": self.epoch, "o": self.row_epoch, "x": self.xid, "k": self.kind, "i": self.id.hex, "r": self.region}

    @classmethod
    def of_payload(cls, payload: dict[str, Any]) -> Self:
        return cls(payload["e"], payload["o"], payload["x"], payload["k"], UUID(hex=payload["i"]), payload["r"])


@dataclass(frozen=True, slots=True)
class Change:
    """One thing's newest version in one division. ``fields``: names of what changed since the position asked from."""

    kind: str
    id: UUID
    region: int
    version: int
    deleted: bool
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of the feed. ``next`` is where to go on from; ``has_more`` whether more was waiting."""

    items: tuple[Change, ...]
    next: Position
    has_more: bool


# A tombstone is left out where the thing lives on elsewhere in the same area: it only moved within it.
# A scalar subquery, because EXISTS may be planned as a hash over the whole area.
_FEED: Final = """
WITH current_epoch AS MATERIALIZED ({current_epoch})
SELECT horizon.epoch AS horizon_epoch, CAST(CAST(horizon.xid AS text) AS bigint) AS horizon_xid, horizon.is_ours,
       part.kind, part.id, part.region, part.epoch, CAST(CAST(part.xid AS text) AS bigint) AS xid, part.version,
       part.deleted, part.fields
FROM (
    SELECT number AS epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xid, is_ours FROM current_epoch
) AS horizon LEFT JOIN LATERAL (
    SELECT found.*, told.fields
    FROM (
        SELECT c.kind, c.id, c.region, c.epoch, c.xid, c.version, c.deleted
        FROM change AS c
        WHERE c.region BETWEEN :lo AND :hi
          AND (c.epoch, c.xid, c.kind, c.id, c.region)
            > (:epoch, CAST(:xid AS xid8), :kind, CAST(:id AS uuid), :region)
          AND (c.epoch, c.xid) < (horizon.epoch, horizon.xid)
          {of_kinds}
          AND NOT (c.deleted AND coalesce((
              SELECT true FROM change AS other
              WHERE other.kind = c.kind AND other.id = c.id AND other.region BETWEEN :lo AND :hi AND NOT other.deleted
              LIMIT 1), false))
        ORDER BY c.epoch, c.xid, c.kind, c.id, c.region LIMIT :limit
    ) AS found
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT named.field) AS fields
        FROM change_fields AS v CROSS JOIN LATERAL unnest(v.fields) AS named(field)
        WHERE v.kind = found.kind AND v.id = found.id AND v.version <= found.version
          AND (v.epoch, v.xid, v.kind, v.id) > (:epoch, CAST(:xid AS xid8), :kind, CAST(:id AS uuid))
    ) AS told
) AS part ON true
ORDER BY part.epoch, part.xid, part.kind, part.id, part.region
"""


def _statement(of_kinds: str) -> TextClause:
    # The area stands in the text itself, so that each area gets its own plan: a village is read by division, a county
    # along the feed; a plan shared by both would be wrong for one of them.
    return text(_FEED.format(current_epoch=CURRENT_EPOCH, of_kinds=of_kinds)).bindparams(
        bindparam("lo", type_=BigInteger, literal_execute=True), bindparam("hi", type_=BigInteger, literal_execute=True)
    )


_EVERY_KIND: Final = _statement("")
_SOME_KINDS: Final = _statement("AND c.kind = ANY(CAST(:kinds AS text[]))")


async def changes_since(
    connection: AsyncConnection, position: Position | None, *, area: Area, kinds: Sequence[str] = (), limit: int
) -> Changes:
    """The next part of the feed of ``area``; from the beginning without a position.

    :param kinds: kinds of things to tell of; none means all.
    :raises CursorSpoiled: if the position is of another life of the database, before a restore.
    :raises RestoredDatabase: after a restore that nobody recorded.
    """
    after = position or Position(epoch=_BEFORE_ALL, row_epoch=_BEFORE_ALL)
    parameters = {
        "lo": area.lo,
        "hi": area.hi,
        "epoch": after.row_epoch,
        "xid": str(after.xid),
        "kind": after.kind,
        "id": str(after.id),
        "region": after.region,
        "limit": limit + 1,
    }
    if kinds:
        parameters["kinds"] = list(kinds)
    rows = (await connection.execute(_SOME_KINDS if kinds else _EVERY_KIND, parameters)).all()
    first = rows[0]
    if not first.is_ours:
        raise RestoredDatabase
    if position is not None and position.epoch != first.horizon_epoch:
        raise CursorSpoiled
    found = [row for row in rows if row.kind is not None]
    kept, has_more = found[:limit], len(found) > limit
    return Changes(tuple(map(_change, kept)), _next(first, kept[-1] if has_more else None), has_more)


def _change(row: Row[Any]) -> Change:
    return Change(row.kind, row.id, row.region, row.version, row.deleted, tuple(row.fields or ()))


def _next(horizon: Row[Any], last: Row[Any] | None) -> Position:
    """After the last item while more waits; else at the horizon, so that the next reading passes nothing old."""
    if last is None:
        return Position(epoch=horizon.horizon_epoch, row_epoch=horizon.horizon_epoch, xid=horizon.horizon_xid)
    return Position(horizon.horizon_epoch, last.epoch, last.xid, last.kind, last.id, last.region)


_SINCE: Final = text(
    "SELECT array_agg(DISTINCT named.field) FROM change_fields AS v CROSS JOIN LATERAL unnest(v.fields) AS named(field)"
    " WHERE v.kind = :kind AND v.id = :id AND v.version > :version AND v.version <> ALL(CAST(:but AS bigint[]))"
)


async def fields_since(
    connection: AsyncConnection, kind: str, thing: UUID, version: int, *, but: Collection[int] = ()
) -> frozenset[str]:
    """Names of the fields of ``thing`` that changed after ``version``: what an edit of it may collide with.

    :param but: versions that do not count, because whoever edits made them.
    """
    asked = {"kind": kind, "id": thing, "version": version, "but": sorted(but)}
    found = (await connection.execute(_SINCE, asked)).scalar_one()
    return frozenset(found or ())
