"""Let rows that hang on a household follow it: to where it is managed now, or into the household that took it in.

For tables that have ``id``, ``household_id``, ``region`` and ``version``. Each row's move is recorded, so that the area
that it left gets a tombstone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_moved


async def rows_follow(unit: UnitOfWork, table: str, households: Sequence[UUID]) -> int:
    """Bring the rows of ``households`` in ``table`` to where these are managed now; returns how many moved.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    # The table's name comes from the caller's code, values are bound.
    statement = f"""
        WITH moved AS MATERIALIZED (
            SELECT kept.id, kept.region AS left_region, household.region
            FROM {table} AS kept JOIN household ON household.id = kept.household_id
            WHERE household.id = ANY(CAST(:households AS uuid[])) AND kept.region <> household.region
        )
        UPDATE {table} AS kept SET region = moved.region, version = kept.version + 1
        FROM moved WHERE moved.id = kept.id RETURNING kept.id, moved.left_region
    """  # noqa: S608
    return await _moved(unit, table, statement, {"households": list(households)}, ["region"])


async def rows_join(unit: UnitOfWork, table: str, *, left: UUID, household: UUID) -> int:
    """Bring rows of ``table`` from the household ``left`` to another; returns how many moved."""
    statement = f"""
        WITH moved AS MATERIALIZED (
            SELECT kept.id, kept.region AS left_region FROM {table} AS kept
            WHERE kept.household_id = :left ORDER BY kept.id FOR UPDATE
        )
        UPDATE {table} AS kept SET household_id = home.id, region = home.region, version = kept.version + 1
        FROM moved, household AS home WHERE moved.id = kept.id AND home.id = :household
        RETURNING kept.id, NULLIF(moved.left_region, kept.region) AS left_region
    """  # noqa: S608
    return await _moved(unit, table, statement, {"left": left, "household": household}, ["household_id", "region"])


async def _moved(unit: UnitOfWork, table: str, statement: str, binds: Mapping[str, Any], fields: Sequence[str]) -> int:
    found = (await unit.connection.execute(text(statement), binds)).all()
    if found:
        gone = {"ids": [row.id for row in found], "left": [row.left_region for row in found]}
        told = {"action": f"{table}.follow", "kind": table, "fields": fields, "why": None}
        await unit.record_from(rows_moved(table), gone | told)
    return len(found)
