"""Let measures follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.actions.course import keep_courses, lock_cases
from services.monitoring.measures.actions.run import aggregate_of, ended, started

_FOLLOW_IMPORTED: Final = text(
    """
    UPDATE imported_measure AS given SET region = household.region FROM household
    WHERE household.id = given.household_id AND household.id = ANY(CAST(:households AS uuid[]))
      AND given.region <> household.region
    """
)
_FOLLOW: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT given.id, given.region AS left_region, household.region
        FROM measure AS given JOIN household ON household.id = given.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND given.region <> household.region
    )
    UPDATE measure AS given SET region = moved.region, version = given.version + 1
    FROM moved WHERE moved.id = given.id RETURNING given.*, moved.left_region
    """
)
_PAST: Final = text(
    """
    UPDATE measure_history AS past SET region = given.region FROM measure AS given
    WHERE given.id = past.id AND given.id = ANY(CAST(:measures AS uuid[])) AND past.region <> given.region
    """
)
_JOIN: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT id, region AS left_region FROM measure
        WHERE household_id = :left AND (CAST(:persons AS uuid[]) IS NULL OR person_id = ANY(CAST(:persons AS uuid[])))
        ORDER BY id FOR UPDATE
    )
    UPDATE measure AS given SET household_id = home.id, region = home.region, version = given.version + 1
    FROM moved, household AS home WHERE moved.id = given.id AND home.id = :household
    RETURNING given.*, NULLIF(moved.left_region, given.region) AS left_region
    """
)


async def measures_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the measures of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    bound = {"households": list(households)}
    await unit.connection.execute(_FOLLOW_IMPORTED, bound)
    await _tell(unit, (await unit.connection.execute(_FOLLOW, bound)).all(), ["region"])


async def measures_join(
    unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None
) -> None:
    """Bring measures from the household ``left`` to the one where these people live now.

    :param persons: whose measures go; None after a merger: all of them. Those of nobody in particular stay at a split,
        and so does what the national system says: it names no member.
    """
    bound = {"left": left, "household": household, "persons": None if persons is None else list(persons)}
    found = (await unit.connection.execute(_JOIN, bound)).all()
    await keep_courses(unit, await lock_cases(unit, left, household))
    await _tell(unit, found, ["household_id", "region"])


async def _tell(unit: UnitOfWork, found: Sequence[Any], fields: list[str]) -> None:
    """What the measures said before goes along with them, and everybody hears where they are."""
    if found:
        await unit.connection.execute(_PAST, {"measures": [row.id for row in found]})
    for row in found:
        event = started(row) if row.state == "running" else ended(row)
        unit.record("measure.follow", aggregate_of(row, left_region=row.left_region), fields=fields, event=event)
