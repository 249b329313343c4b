"""Let visits follow households to another division and into one another; what is due is worked out anew there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import Hanging, follow, join
from services.monitoring.visits.actions.refresh import refresh_dues

VISITS: Final = Hanging("visit", "visit")
# The rows beside a visit lie where it lies; what is due lies where the household does.
_BESIDE: Final = (
    """
    UPDATE visit_met AS own SET region = visit.region FROM visit
    WHERE visit.id = own.visit_id AND own.region <> visit.region
      AND visit.household_id = ANY(CAST(:households AS uuid[]))
    """,
    """
    UPDATE visit_history AS own SET region = visit.region FROM visit
    WHERE visit.id = own.id AND own.region <> visit.region
      AND visit.household_id = ANY(CAST(:households AS uuid[]))
    """,
    """
    UPDATE visit_due AS own SET region = household.region FROM household
    WHERE household.id = own.household_id AND own.region <> household.region
      AND household.id = ANY(CAST(:households AS uuid[]))
    """,
)
_SUBJECT: Final = text(
    """
    UPDATE visit_met AS own SET subject_id = :household FROM visit
    WHERE visit.id = own.visit_id AND visit.household_id = :household AND own.subject_id = :left
    """
)


async def visits_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the visits of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, VISITS, households)
    await _beside(unit, households)


async def visits_join(
    unit: UnitOfWork, *, left: UUID, household: UUID, region: int, persons: Sequence[UUID] | None = None
) -> None:
    """After a merger a household's visits go on as the successor's; at a split they stay, and so do both sides' dues.

    :param region: of the household that goes on. Call it last, after marks of members went with these.
    """
    await join(unit, VISITS, left=left, household=household, persons=persons)
    if persons is None:
        await unit.connection.execute(_SUBJECT, {"left": left, "household": household})
    await _beside(unit, [household])
    await refresh_dues(unit, region, households=[left, household])


async def _beside(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    for statement in _BESIDE:
        await unit.connection.execute(text(statement), {"households": list(households)})
