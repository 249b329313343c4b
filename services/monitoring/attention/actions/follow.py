"""Let marks, checks and carers follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import Hanging, follow, join

_TABLES: Final = (
    Hanging("attention", "attention", of_persons=True),
    Hanging("guardianship_check", "guardianship_check", of_persons=True),
    Hanging("carer", "carer", of_persons=True),
)


async def attention_follows(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring what is known of ``households``' members to where these are managed now; ``unit`` must reach both sides."""
    for table in _TABLES:
        await follow(unit, table, households)


async def attention_joins(
    unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None
) -> None:
    """Bring it from the household ``left`` to the one where these people live now; None after a merger: all of it."""
    for table in _TABLES:
        await join(unit, table, left=left, household=household, persons=persons)
