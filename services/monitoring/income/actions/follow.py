"""Let income lines follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_moved
from services.monitoring.income.actions.record import KIND

_FOLLOW: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT line.id, line.region AS left_region, household.region
        FROM income_line AS line JOIN household ON household.id = line.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND line.region <> household.region
    )
    UPDATE income_line AS line SET region = moved.region, version = line.version + 1
    FROM moved WHERE moved.id = line.id RETURNING line.id, moved.left_region
    """
)
_JOIN: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT id, region AS left_region FROM income_line
        WHERE household_id = :left AND (CAST(:persons AS uuid[]) IS NULL OR person_id = ANY(CAST(:persons AS uuid[])))
        ORDER BY id FOR UPDATE
    )
    UPDATE income_line AS line SET household_id = home.id, region = home.region, version = line.version + 1
    FROM moved, household AS home WHERE moved.id = line.id AND home.id = :household
    RETURNING line.id, NULLIF(moved.left_region, line.region) AS left_region
    """
)
_TOLD: Final = rows_moved("income_line")


async def lines_follow(unit: UnitOfWork, households: Sequence[UUID]) -> int:
    """Bring the lines of ``households`` to where these are managed now; returns how many moved.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    found = (await unit.connection.execute(_FOLLOW, {"households": list(households)})).all()
    return await _tell(unit, found, ["region"])


async def lines_join(unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None) -> int:
    """Bring lines from the household ``left`` to the one where these people live now; returns how many moved.

    A household's income is that of who shares it (domain B1): a window of twelve months that lost a member's wages to
    another household would call that one poor and this one well off.

    :param persons: whose lines go; None after a merger: all of them. Lines of nobody in particular stay at a split.
    """
    bound = {"left": left, "household": household, "persons": None if persons is None else list(persons)}
    found = (await unit.connection.execute(_JOIN, bound)).all()
    return await _tell(unit, found, ["household_id", "region"])


async def _tell(unit: UnitOfWork, found: Sequence[Any], fields: list[str]) -> int:
    if found:
        gone = {"ids": [row.id for row in found], "left": [row.left_region for row in found]}
        told = {"action": "income.follow", "kind": KIND, "fields": fields, "why": None}
        await unit.record_from(_TOLD, gone | told)
    return len(found)
