"""Let checks follow households that moved. After a split or merger they stay: they are about that home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate

_FOLLOW: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT seen.id, seen.region AS left_region, household.region
        FROM guarantee_check AS seen JOIN household ON household.id = seen.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND seen.region <> household.region
    )
    UPDATE guarantee_check AS seen SET region = moved.region, version = seen.version + 1
    FROM moved WHERE moved.id = seen.id RETURNING seen.id, seen.region, seen.version, moved.left_region
    """
)


async def checks_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the checks of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    for row in (await unit.connection.execute(_FOLLOW, {"households": list(households)})).all():
        moved = Aggregate("guarantee_check", row.id, row.region, row.version, left_region=row.left_region)
        unit.record("guarantee.follow", moved, fields=["region"])
