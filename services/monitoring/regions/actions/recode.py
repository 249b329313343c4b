"""Give households, persons and all that hangs on them their new codes, in a few statements whatever their number.

The state that is left goes to history with the old code, so that a past day keeps its boundaries; the old division's
change feed gets a tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select, text

from chassis.database.metadata import is_policed, rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.base import Table
from services.monitoring.cases.actions.course import courses_recoded
from services.monitoring.contract import HouseholdRecorded, PersonRecorded
from services.monitoring.households.actions.facts import facts_recoded
from services.monitoring.households.tables import Household, HouseholdHistory, Person, PersonHistory
from services.monitoring.households.versions import sealed_columns
from services.monitoring.regions.actions.carry import SCOPED_KINDS

_MAP: Final = "SELECT * FROM unnest(CAST(:old AS bigint[]), CAST(:new AS bigint[])) AS m(old, new)"
# They have versions of their own, see below; what else is kept for figures stays with the code that it was known under.
_KEPT_BACK: Final = frozenset({"household", "person", "monitoring_fact", "case_course"})
_OWN_FEED: Final = ", ".join(f"'{kind}'" for kind in ("household", "person", "region", *SCOPED_KINDS))
_FILES: Final = ("stored_object", "stored_file", "file_hold", "upload", "stored_segment")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many got another code."""

    households: int
    persons: int


async def codes_in_use(unit: UnitOfWork, lo: list[int], hi: list[int]) -> Mapping[int, int]:
    """The divisions in these ranges in which households are managed or registered, with how many are managed there."""
    found = await unit.connection.execute(
        _IN_USE, {"lo": lo, "hi": hi, "area_lo": unit.area.lo, "area_hi": unit.area.hi}
    )
    return {row.code: row.households for row in found}


async def recode_households(unit: UnitOfWork, moved: Mapping[int, int], *, on: date) -> Moved:
    """Re-code by ``moved`` (old code to new) from ``on`` on, or from a later day on which the row last changed.

    Both the old and the new codes must lie in the unit's area.
    """
    if not moved:
        return Moved(0, 0)
    instant = (await unit.connection.execute(select(func.clock_timestamp()))).scalar_one()
    binds: dict[str, Any] = {
        "old": list(moved.keys()),
        "new": list(moved.values()),
        "on": on,
        "instant": instant,
        "area_lo": unit.area.lo,
        "area_hi": unit.area.hi,
    }
    households = (await unit.connection.execute(_HOUSEHOLDS, binds)).rowcount
    persons = (await unit.connection.execute(_PERSONS, binds)).rowcount
    for statement in _followers():
        await unit.connection.execute(text(statement), {name: binds[name] for name in ("old", "new")})
    await facts_recoded(unit, instant)
    await courses_recoded(unit)
    told = {name: binds[name] for name in ("instant", "area_lo", "area_hi")}
    for kind, event in (("household", HouseholdRecorded), ("person", PersonRecorded)):
        await unit.record_from(_told(kind), {**told, "event_type": event.wire_type()})
    return Moved(households, persons)


def _followers() -> list[str]:
    """Statements for whatever else lies in a division: rows that carry its code, open transfers, the change feed."""
    tables = [
        table.name
        for table in Table.metadata.sorted_tables
        if is_policed(table) and table.name not in _KEPT_BACK and not table.name.endswith("_history")
    ]
    moves = [
        f"WITH mapping AS ({_MAP}) UPDATE {name} SET region = mapping.new FROM mapping WHERE region = mapping.old"  # noqa: S608
        for name in (*tables, *_FILES)
    ]
    # Where a department's rows were handed in is the county, wherever their households are managed.
    handed_in = (
        f"WITH mapping AS ({_MAP}) UPDATE department_record SET county = mapping.new"  # noqa: S608
        " FROM mapping WHERE county = mapping.old"
    )
    transfers = [
        f"WITH mapping AS ({_MAP}) UPDATE transfer SET {side} = mapping.new"  # noqa: S608
        f" FROM mapping WHERE {side} = mapping.old AND state = 'open'"
        for side in ("from_region", "to_region")
    ]
    return [*moves, handed_in, *transfers, _FEED, _TOMBSTONES]


# What moves without a version of its own is seen under its new code and gone under the old one.
_FEED: Final = f"""
    WITH mapping AS ({_MAP})
    INSERT INTO change (kind, id, region, version, deleted)
    SELECT kind, id, mapping.new, version, false FROM change JOIN mapping ON change.region = mapping.old
    WHERE NOT deleted AND kind NOT IN ({_OWN_FEED})
    ON CONFLICT (kind, id, region) DO UPDATE
    SET xid = pg_current_xact_id(), version = excluded.version, deleted = false
"""  # noqa: S608  # constants only
_TOMBSTONES: Final = f"""
    WITH mapping AS ({_MAP})
    UPDATE change SET deleted = true, xid = pg_current_xact_id()
    FROM mapping WHERE change.region = mapping.old AND NOT deleted AND kind NOT IN ({_OWN_FEED})
    AND mapping.old NOT IN (SELECT new FROM mapping)
"""  # noqa: S608  # constants only

_IN_USE: Final = text(
    """
    WITH ranges AS (SELECT * FROM unnest(CAST(:lo AS bigint[]), CAST(:hi AS bigint[])) AS r(lo, hi)),
    used AS (
        SELECT region, registration_region, count(*) AS households FROM household
        WHERE region BETWEEN :area_lo AND :area_hi GROUP BY 1, 2
    ), counted AS (
        SELECT region AS code, sum(households) AS households FROM used GROUP BY 1
        UNION ALL SELECT DISTINCT registration_region, 0 FROM used
    )
    SELECT code, CAST(sum(households) AS bigint) AS households FROM counted
    WHERE EXISTS (SELECT FROM ranges WHERE code BETWEEN ranges.lo AND ranges.hi)
    GROUP BY code ORDER BY code
    """
)


def _recode(table: SqlTable, history: SqlTable, columns: tuple[str, ...]) -> str:
    """Move the rows whose ``columns`` name an old code one version further; what they leave goes to history."""
    made_here = {"valid_to", "replaced_at", "document"}
    copied = [column.name for column in history.columns if column.name not in made_here]
    sealed = ", ".join(f"'{name}'" for name in sealed_columns(table))
    joins = " ".join(f"LEFT JOIN mapping AS by_{name} ON by_{name}.old = present.{name}" for name in columns)
    hits = " OR ".join(f"by_{name}.new IS NOT NULL" for name in columns)
    fresh = ", ".join(f"coalesce(by_{name}.new, present.{name}) AS {name}" for name in columns)
    # Names come from the metadata, values are bound.
    return f"""
        WITH mapping AS ({_MAP}), fresh AS MATERIALIZED (
            SELECT present.id, {fresh}, greatest(present.valid_from, CAST(:on AS date)) AS valid_from
            FROM {table.name} AS present {joins}
            WHERE present.region BETWEEN :area_lo AND :area_hi AND ({hits})
        ), kept AS (
            INSERT INTO {history.name} ({", ".join(copied)}, valid_to, replaced_at, document)
            SELECT {", ".join(f"present.{name}" for name in copied)}, fresh.valid_from, :instant,
                   to_jsonb(present) - CAST(ARRAY[{sealed}] AS text[])
            FROM {table.name} AS present JOIN fresh ON fresh.id = present.id
        )
        UPDATE {table.name} AS changed
        SET {", ".join(f"{name} = fresh.{name}" for name in columns)}, valid_from = fresh.valid_from,
            version = changed.version + 1, recorded_at = :instant
        FROM fresh WHERE fresh.id = changed.id
    """  # noqa: S608


def _told(kind: str) -> str:
    """Each re-coded row with its last told state under its new code; a row that was never told fails the whole."""
    registered = ", 'registration_region', now_is.registration_region" if kind == "household" else ""
    return f"""
        SELECT row_number() OVER (ORDER BY now_is.id) AS ord, CAST('{kind}.recode' AS text) AS action,
               CAST('{kind}' AS text) AS kind, now_is.id AS entity_id, now_is.version, now_is.region,
               CASE WHEN was.region <> now_is.region THEN was.region END AS left_region,
               CAST(ARRAY['region'] AS text[]) AS fields, CAST(NULL AS jsonb) AS digests, CAST(NULL AS text) AS reason,
               false AS deleted, uuidv7() AS event_id, CAST(:event_type AS text) AS event_type,
               last_told.data || jsonb_build_object('region', now_is.region{registered}) AS event_data
        FROM {kind} AS now_is
        JOIN {kind}_history AS was ON was.id = now_is.id AND was.version = now_is.version - 1
        LEFT JOIN LATERAL (
            SELECT data FROM outbox WHERE subject = now_is.id AND type = :event_type
            ORDER BY aggregate_version DESC LIMIT 1
        ) AS last_told ON true
        WHERE now_is.region BETWEEN :area_lo AND :area_hi AND now_is.recorded_at = :instant
    """  # noqa: S608


_HOUSEHOLDS: Final = text(_recode(rows(Household), rows(HouseholdHistory), ("region", "registration_region")))
_PERSONS: Final = text(_recode(rows(Person), rows(PersonHistory), ("region",)))
