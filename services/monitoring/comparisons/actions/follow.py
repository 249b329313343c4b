"""Let requests and their items follow households that moved or were merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.comparisons.queries.requests import KIND
from services.monitoring.following import Hanging, follow, join

_REQUESTS: Final = Hanging(KIND, KIND)
_ITEMS: Final = text(
    """
    UPDATE comparison_item AS item SET region = asked.region FROM comparison_request AS asked
    WHERE asked.id = item.request_id AND asked.household_id = ANY(CAST(:households AS uuid[]))
      AND item.region <> asked.region
    """
)


async def comparisons_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the requests of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, _REQUESTS, households)
    await unit.connection.execute(_ITEMS, {"households": list(households)})


async def comparisons_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """After a merger what was asked about ``left`` belongs to the household that took it in.

    At a split it stays with the household whose case asked.
    """
    await join(unit, _REQUESTS, left=left, household=household)
    await unit.connection.execute(_ITEMS, {"households": [household]})
