"""Let income lines follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import Hanging, follow, join
from services.monitoring.income.actions.record import KIND

_LINES: Final = Hanging("income_line", KIND, of_persons=True)


async def lines_follow(unit: UnitOfWork, households: Sequence[UUID]) -> int:
    """Bring the lines of ``households`` to where these are managed now; returns how many moved.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    return await follow(unit, _LINES, households)


async def lines_join(unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None) -> int:
    """Bring lines from the household ``left`` to the one where these people live now; returns how many moved.

    A household's income is that of who shares it (clause B1): a window of twelve months that lost a member's wages to
    another household would call that one poor and this one well off.

    :param persons: whose lines go; None after a merger: all of them. Lines of nobody in particular stay at a split.
    """
    return await join(unit, _LINES, left=left, household=household, persons=persons)
