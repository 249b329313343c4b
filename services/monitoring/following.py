"""Let rows that hang on households follow these to another division, or people into another household.

For tables with ``id``, ``region``, ``household_id``, ``version`` and, where rows are about a member, ``person_id``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_moved

_FOLLOW: Final = """
    WITH moved AS MATERIALIZED (
        SELECT own.id, own.region AS left_region, household.region
        FROM {table} AS own JOIN household ON household.id = own.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND own.region <> household.region
    )
    UPDATE {table} AS own SET region = moved.region, version = own.version + 1
    FROM moved WHERE moved.id = own.id RETURNING own.id, moved.left_region
"""
_JOIN: Final = """
    WITH moved AS MATERIALIZED (
        SELECT id, region AS left_region FROM {table} AS own
        WHERE own.household_id = :left AND {whose} ORDER BY id FOR UPDATE
    )
    UPDATE {table} AS own SET household_id = home.id, region = home.region, version = own.version + 1
    FROM moved, household AS home WHERE moved.id = own.id AND home.id = :household
    RETURNING own.id, NULLIF(moved.left_region, own.region) AS left_region
"""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A table whose rows hang on households.

    :param kind: as the change feed calls a row.
    :param of_persons: whether a row is about one member, ``person_id``; else it is about the household.
    """

    table: str
    kind: str
    of_persons: bool = False


async def follow(unit: UnitOfWork, what: Hanging, households: Sequence[UUID]) -> int:
    """Bring the rows of ``households`` to where these are managed now; returns how many moved.

    ``unit`` must reach both sides.
    """
    statement = text(_FOLLOW.format(table=what.table))
    found = (await unit.connection.execute(statement, {"households": list(households)})).all()
    return await _tell(unit, what, found, ["region"])


async def join(
    unit: UnitOfWork, what: Hanging, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None
) -> int:
    """Bring rows from the household ``left`` to the one where these people live now; returns how many moved.

    :param persons: whose rows go; None after a merger: all of them. Rows of nobody in particular stay at a split.
    """
    if persons is not None and not what.of_persons:
        return 0
    whose = "true" if persons is None else "own.person_id = ANY(CAST(:persons AS uuid[]))"
    bound: dict[str, Any] = {"left": left, "household": household}
    if persons is not None:
        bound["persons"] = list(persons)
    found = (await unit.connection.execute(text(_JOIN.format(table=what.table, whose=whose)), bound)).all()
    return await _tell(unit, what, found, ["household_id", "region"])


async def _tell(unit: UnitOfWork, what: Hanging, found: Sequence[Any], fields: list[str]) -> int:
    if found:
        gone = {"ids": [row.id for row in found], "left": [row.left_region for row in found]}
        told = {"action": f"{what.kind}.follow", "kind": what.kind, "fields": fields, "why": None}
        await unit.record_from(rows_moved(what.table), gone | told)
    return len(found)
