"""Bring a register's fed facts of an area to what its source says now, with a few statements whatever their number.

A fact that its source still gives unchanged is left alone; one that it gives otherwise gets a further version; one that
it no longer gives is withdrawn. Facts that people recorded are nobody's to withdraw but theirs.
"""

# ruff: noqa: S608  # every name put into a statement is a column or constant of a register's description
from __future__ import annotations

from typing import Final

from sqlalchemy import text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.parameters import book_of
from services.monitoring.registers.actions.look_up import lookup_in
from services.monitoring.registers.described import Feed, Register

_GIVEN: Final = (
    "household_id", "region", "person_id", "fact_key", "holds_from", "holds_to", "source_record", "source_batch",
)  # fmt: skip
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('registers:' || :county, 0))")


async def feed_area(unit: UnitOfWork, register: Register, feed: Feed, *, county: int, area: Area) -> int:
    """Feed one register for the households of ``area``, a town or several; returns how many facts changed.

    ``unit`` covers the county. Two feeds of one county wait for each other.
    """
    today = unit.clock.today()
    lookup = lookup_in(await book_of(unit, county), county)
    bound = {"lo": area.lo, "hi": area.hi, "county": county, "today": today, **feed.binds(lookup, today)}
    run = unit.connection.execute
    await run(_LOCK, {"county": county})
    statements = _Statements(register, feed)
    await run(text(statements.gather), bound)
    await run(text(statements.compare), bound)
    if (await run(text(f"SELECT count(*) FROM {statements.stale}"))).scalar_one():
        await run(text(statements.replace))
    told = {"kind": register.kind, "names": sorted(register.columns), "county": county, "by": unit.actor.subject}
    return await unit.record_made(statements.make, told)


class _Statements:
    """The statements of one register's feed, over temporary tables that go with the transaction."""

    def __init__(self, register: Register, feed: Feed) -> None:
        table = rows(register.table).name
        fed, self.stale = (f"{part}_{register.code}" for part in ("fed", "stale"))
        columns = [*_GIVEN, *register.columns]
        same = " AND ".join(f"f.{name} IS NOT DISTINCT FROM g.{name}" for name in columns if name != "region")
        listed = ", ".join(columns)
        self.gather = f"""
            CREATE TEMPORARY TABLE {fed} ON COMMIT DROP AS
            SELECT DISTINCT ON (fact_key) {listed} FROM ({feed.select}) AS given
            ORDER BY fact_key, source_record DESC
        """
        # A fact that came along from another county is corrected by what is said here, and only withdrawn there. Facts
        # are found by their key, never by a join: a first load fills tables of which nothing is known yet. EXCEPT, for
        # the same reason: no estimate of its size can make it look through one side for each row of the other.
        self.compare = f"""
            CREATE TEMPORARY TABLE {self.stale} ON COMMIT DROP AS
            SELECT f.id, f.version, f.region, f.fact_key, false AS is_gone
            FROM {fed} AS g CROSS JOIN LATERAL (
                SELECT * FROM {table} WHERE fact_key = g.fact_key AND replaced_at IS NULL LIMIT 1) AS f
            WHERE f.source = '{feed.source}' AND NOT ({same})
            UNION ALL
            SELECT f.id, f.version, f.region, f.fact_key, true
            FROM (
                SELECT f.fact_key FROM {table} AS f
                WHERE f.replaced_at IS NULL AND f.source = '{feed.source}' AND f.region BETWEEN :lo AND :hi
                  AND f.county = :county AND ({feed.scope})
                EXCEPT SELECT fact_key FROM {fed}
            ) AS lost CROSS JOIN LATERAL (
                SELECT * FROM {table} WHERE fact_key = lost.fact_key AND replaced_at IS NULL LIMIT 1) AS f
        """
        self.replace = f"""
            UPDATE {table} AS f SET replaced_at = clock_timestamp()
            FROM {self.stale} AS s WHERE f.id = s.id AND f.version = s.version
        """
        # A fact that was withdrawn and is said again is another fact, with an id of its own. What is fresh is sorted,
        # so that all is looked up before the first is written: a look through a table that was empty when this was
        # planned, and grows under it, takes as long as the square.
        self.make = f"""
            fresh AS MATERIALIZED (
                SELECT coalesce(s.id, uuidv7()) AS id, coalesce(s.version, 0) + 1 AS version,
                       {", ".join(f"g.{name}" for name in columns)}
                FROM {fed} AS g LEFT JOIN {self.stale} AS s ON s.fact_key = g.fact_key
                WHERE (SELECT 1 FROM {table} AS f WHERE f.fact_key = g.fact_key AND f.replaced_at IS NULL LIMIT 1)
                    IS NULL
                ORDER BY g.fact_key
            ), made AS (
                INSERT INTO {table} (id, version, {listed}, source, county, recorded_by)
                SELECT id, version, {listed}, '{feed.source}', :county, :by FROM fresh
                RETURNING id, version, region
            ), told AS (
                SELECT 'register.feed' AS action, id, region, version,
                       CASE WHEN version > 1 THEN CAST(:names AS text[]) ELSE '{{}}' END AS fields, false AS deleted
                FROM made
                UNION ALL SELECT 'register.feed', id, region, version + 1, CAST(:names AS text[]), true
                FROM {self.stale} WHERE is_gone
            )
        """
