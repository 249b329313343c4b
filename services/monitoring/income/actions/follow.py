"""Let income lines follow households that moved, so that the area that cares for a household reads its income."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
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
_TOLD: Final = """
    SELECT row_number() OVER (ORDER BY line.id) AS ord, CAST('income.follow' AS text) AS action,
           CAST('income_line' AS text) AS kind, line.id AS entity_id, line.version, line.region, gone.left_region,
           CAST(ARRAY['region'] AS text[]) AS fields, CAST(NULL AS jsonb) AS digests, CAST(NULL AS text) AS reason,
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
    if found:
        binds = {"ids": [row.id for row in found], "left": [row.left_region for row in found]}
        await unit.record_from(_TOLD, binds)
    return len(found)
