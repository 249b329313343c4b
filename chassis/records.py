"""Write down a change where it happens: audit entry, event and change-feed row in one breath, in one transaction.

An action says :meth:`UnitOfWork.record`; bulk statements use :data:`RECORD_STAGED` over rows of the same shape. Either
way the rows are inserted last, after the change itself took its row locks, so that positions in the outbox never
invert two commits of one aggregate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.events.event import Event
from chassis.identifiers import new_id
from chassis.security.scope import Actor

COLUMNS: Final = (
    "ord bigint, action text, kind text, entity_id uuid, version bigint, region bigint, left_region bigint,"
    " fields text[], digests jsonb, reason text, deleted boolean,"
    " event_id uuid, event_type text, event_data jsonb"
)

_ENTRY: Final = """
    INSERT INTO audit_entry (business_date, subject, assignment, role, action, kind, entity_id, version, region, fields,
                             digests, reason, trace_id)
    SELECT :business_date, :subject, :assignment, :role, action, kind, entity_id, version, region, fields, digests,
           coalesce(reason, :reason), :trace_id
    FROM staged"""
_FEED: Final = "INSERT INTO change (kind, id, region, version, deleted)"
_FEED_AGAIN: Final = """
    ON CONFLICT (kind, id, region) DO UPDATE
    SET xid = pg_current_xact_id(), epoch = excluded.epoch, version = excluded.version, deleted = excluded.deleted"""
_FIRST: Final = "version = 1 AND NOT deleted"
_NAMES: Final = "INSERT INTO change_fields (kind, id, version, region, fields)"
_SAID: Final = """
    INSERT INTO outbox (id, type, subject, aggregate_version, region, traceparent, data)
    SELECT event_id, event_type, entity_id, version, region, :traceparent, event_data
    FROM staged WHERE event_id IS NOT NULL"""
_SENT: Final = "INSERT INTO pending (event_id) SELECT event_id FROM staged WHERE event_id IS NOT NULL"

# Every common table expression with an INSERT runs, whether or not the main statement reads it.
INSERTS: Final = f"""
, entry AS ({_ENTRY} ORDER BY ord
), moved AS (
    {_FEED}
    SELECT kind, entity_id, left_region, max(version), true FROM staged
    WHERE left_region IS NOT NULL GROUP BY 1, 2, 3 {_FEED_AGAIN}
), fed AS (
    {_FEED}
    SELECT DISTINCT ON (kind, entity_id, region) kind, entity_id, region, version, coalesce(deleted, false)
    FROM staged WHERE version > 0 ORDER BY kind, entity_id, region, version DESC {_FEED_AGAIN}
), named AS (
    {_NAMES}
    SELECT kind, entity_id, version, min(region), array_agg(DISTINCT f.name)
    FROM staged CROSS JOIN LATERAL unnest(fields) AS f(name) WHERE version > 0 GROUP BY 1, 2, 3
    ON CONFLICT (kind, id, version) DO UPDATE
    SET fields = (SELECT array_agg(DISTINCT name) FROM unnest(change_fields.fields || excluded.fields) AS u(name))
), said AS ({_SAID}
)
{_SENT} ORDER BY ord
"""  # noqa: S608  # constants only

INSERT_ONE: Final = f"""
, entry AS ({_ENTRY}
), fed AS (
    {_FEED}
    SELECT kind, entity_id, region, version, coalesce(deleted, false) FROM staged {_FEED_AGAIN}
), named AS (
    {_NAMES} SELECT kind, entity_id, version, region, fields FROM staged
), said AS ({_SAID}
), sent AS ({_SENT}
)
"""  # noqa: S608  # constants only
"""The same for one row that the change feed carries (version > 0), with each field named once, of a thing that stays
where it is: starting what sorts and folds many rows costs a hot statement a fifth of its time (measured, ADR 0001)."""

_STAGE: Final = "SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(" + COLUMNS + ")"  # noqa: S608  # constants only

# AS MATERIALIZED: the JSON is read once, not once per INSERT.
RECORD: Final = "WITH staged AS MATERIALIZED (" + _STAGE + ")" + INSERTS


def record_staged(source: str) -> str:
    """The same statement over the rows that the query ``source`` gives, for bulk work; columns as :data:`COLUMNS`.

    The caller binds ``business_date``, ``subject``, ``assignment``, ``role``, ``reason``, ``trace_id`` and
    ``traceparent`` from :func:`context_parameters`.
    """
    return "WITH staged AS MATERIALIZED (" + source + ")" + INSERTS


def record_made(changes: str) -> str:
    """One statement that makes changes and records them, for bulk work whose rows nobody has to see.

    :param changes: common table expressions that change things of one ``kind``, without WITH; the last one, ``told``,
        gives each thing once: ``action, id, region, version, fields, deleted``. They tell no event. A first version
        is of a thing that this transaction made, as in :func:`record_new`, and is inserted without asking for another.

    The caller binds ``kind`` and what :func:`record_staged` says. It gives one row: how many were ``changed``.
    """
    return f"""
        WITH {changes}, staged AS MATERIALIZED (
            SELECT action, CAST(:kind AS text) AS kind, id AS entity_id, region, version, fields, deleted,
                   CAST(NULL AS jsonb) AS digests, CAST(NULL AS text) AS reason
            FROM told
        ), entry AS ({_ENTRY}
        ), begun AS (
            {_FEED} SELECT kind, entity_id, region, version, deleted FROM staged WHERE {_FIRST}
        ), fed AS (
            {_FEED} SELECT kind, entity_id, region, version, deleted FROM staged WHERE NOT ({_FIRST}) {_FEED_AGAIN}
        ), named AS (
            {_NAMES} SELECT kind, entity_id, version, region, fields FROM staged WHERE cardinality(fields) > 0
        )
        SELECT count(*) AS changed FROM staged
    """  # noqa: S608  # the caller's code gives them, values are bound


# Read four times rather than materialized: the rows lie in a temporary table, and keeping them costs more.
_NEW: Final = f"""
, entry AS ({_ENTRY}
), fed AS (
    {_FEED} SELECT kind, entity_id, region, version, false FROM staged
), said AS ({_SAID}
)
{_SENT}
"""  # noqa: S608  # constants only


def record_new(source: str) -> str:
    """The statement for many things that this transaction has made, in the order in which ``source`` gives them.

    Each is there once, in its first version, and nobody has heard of it: so nothing is sorted, merged or looked up as
    in :func:`record_staged`; a thing that was known after all breaks the feed's primary key. ``source`` gives
    ``action, kind, entity_id, region, event_id, event_type, event_data``; parameters as there.
    """
    # The source comes from the caller's code, values are bound.
    return f"""
        WITH staged AS NOT MATERIALIZED (
            SELECT made.*, 1::bigint AS version, '{{}}'::text[] AS fields, NULL::jsonb AS digests, NULL::text AS reason
            FROM ({source}) AS made
        ) {_NEW}
    """  # noqa: S608


def rows_alike(table: str, *, version: str = "version") -> str:
    """A source of :func:`record_staged`: rows of ``table`` that all had the same done to them, and that tell no event.

    The caller binds ``ids`` of the rows, ``action``, ``kind``, ``fields`` and ``why``.

    :param version: the column with the row's version, or ``0`` for things that the change feed does not carry.
    """
    return _alike(version, "NULL", f"{table} AS told WHERE told.id = ANY(CAST(:ids AS uuid[]))")


def rows_moved(table: str) -> str:
    """The same for rows that have left the divisions ``left``, in the order of ``ids``; NULL for one that stayed."""
    gone = "unnest(CAST(:ids AS uuid[]), CAST(:left AS bigint[])) AS gone(id, left_region)"
    return _alike("version", "gone.left_region", f"{gone} JOIN {table} AS told ON told.id = gone.id")


def _alike(version: str, left_region: str, rows: str) -> str:
    # Names come from the caller's code, values are bound.
    return f"""
        SELECT row_number() OVER (ORDER BY told.id) AS ord, CAST(:action AS text) AS action,
               CAST(:kind AS text) AS kind, told.id AS entity_id, CAST({version} AS bigint) AS version, told.region,
               CAST({left_region} AS bigint) AS left_region, CAST(:fields AS text[]) AS fields,
               CAST(NULL AS jsonb) AS digests, CAST(:why AS text) AS reason, false AS deleted,
               CAST(NULL AS uuid) AS event_id, CAST(NULL AS text) AS event_type, CAST(NULL AS jsonb) AS event_data
        FROM {rows}
    """  # noqa: S608


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The thing that changed, as it is after the change.

    :param version: rises by one with each change; 0 for things that the change feed does not carry.
    :param left_region: the division that it left with this change, which gets a tombstone.
    """

    kind: str
    id: UUID
    region: int
    version: int
    left_region: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One thing's change, with the event that tells it."""

    action: str
    aggregate: Aggregate
    fields: Sequence[str] = ()
    event: Event | None = None
    reason: str | None = None
    digests: Mapping[str, str] | None = None
    deleted: bool = False
    event_id: UUID = field(default_factory=new_id)

    def as_row(self, order: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "ord": order,
            "action": self.action,
            "kind": self.aggregate.kind,
            "entity_id": self.aggregate.id,
            "version": self.aggregate.version,
            "region": self.aggregate.region,
            "left_region": self.aggregate.left_region,
            "fields": list(self.fields),
            "digests": self.digests,
            "reason": self.reason,
            "deleted": self.deleted,
        }
        if self.event is not None:
            row["event_id"] = self.event_id
            row["event_type"] = self.event.wire_type()
            row["event_data"] = self.event.model_dump(mode="json")
        return row


def context_parameters(
    actor: Actor, *, business_date: date, traceparent: str | None, reason: str | None
) -> dict[str, Any]:
    """What every record of one transaction shares: who, in which post, when, in which trace."""
    return {
        "business_date": business_date.isoformat(),
        "subject": actor.subject,
        "assignment": actor.assignment.id,
        "role": actor.role.value,
        "reason": reason,
        "trace_id": traceparent.split("-")[1] if traceparent else None,
        "traceparent": traceparent,
    }


def rows_parameter(records: Sequence[Record]) -> str:
    """The records as the JSON array that :data:`RECORD` reads."""
    return orjson.dumps([record.as_row(order) for order, record in enumerate(records)]).decode()
