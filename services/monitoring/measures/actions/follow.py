"""Let measures follow households that moved, so that the area that cares for a household reads what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork

_FOLLOW: Final = text(
    """
    UPDATE imported_measure AS given SET region = household.region FROM household
    WHERE household.id = given.household_id AND household.id = ANY(CAST(:households AS uuid[]))
      AND given.region <> household.region
    """
)


async def measures_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the measures of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await unit.connection.execute(_FOLLOW, {"households": list(households)})
