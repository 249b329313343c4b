"""Let interviews follow households that moved or were merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import Hanging, follow, join
from services.monitoring.interviews.queries.held import TABLE

_INTERVIEWS: Final = Hanging(TABLE, TABLE)


async def interviews_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the interviews of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, _INTERVIEWS, households)


async def interviews_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """After a merger what ``left`` said is read with the household that took it in; at a split it stays."""
    await join(unit, _INTERVIEWS, left=left, household=household)
