"""Let income lines follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork

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
_TOLD: Final = """
    SELECT row_number() OVER (ORDER BY line.id) AS ord, CAST('income.follow' AS text) AS action,
           CAST('income_line' AS text) AS kind, line.id AS entity_id, line.version, line.region, gone.left_region,
           CAST(:fields AS text[]) AS fields, CAST(NULL AS jsonb) AS digests, CAST(NULL AS text) AS reason,
           false AS deleted, CAST(NULL AS uuid) AS event_id, CAST(NULL AS text) AS event_type,
           CAST(NULL AS jsonb) AS event_data
    FROM unnest(CAST(:ids AS uuid[]), CAST(:left AS bigint[])) AS gone(id, left_region)
    JOIN income_line AS line ON line.id = gone.id
"""


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
        binds = {"ids": [row.id for row in found], "left": [row.left_region for row in found], "fields": fields}
        await unit.record_from(_TOLD, binds)
    return len(found)
