"""Let interviews follow households that moved or were merged."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import rows_follow, rows_join
from services.monitoring.interviews.queries.held import TABLE


async def interviews_follow(unit: UnitOfWork, households: Sequence[UUID]) -> int:
    """Bring the interviews of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    return await rows_follow(unit, TABLE, households)


async def interviews_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> int:
    """After a merger what ``left`` said is read with the household that took it in; at a split it stays."""
    return await rows_join(unit, TABLE, left=left, household=household)
