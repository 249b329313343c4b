"""Let consents follow households that moved, and the people that they cover into another household."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.consents.queries.listing import TABLE
from services.monitoring.following import rows_follow, rows_join


async def consents_follow(unit: UnitOfWork, households: Sequence[UUID]) -> int:
    """Bring the consents of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    return await rows_follow(unit, TABLE, households)


async def consents_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> int:
    """After a merger the consents of who lived in ``left`` are the new household's.

    At a split they stay: who founds a household of their own signs for it.
    """
    return await rows_join(unit, TABLE, left=left, household=household)
