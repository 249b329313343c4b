"""Let consents follow households that moved, and the people that they cover into another household."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.consents.queries.listing import TABLE
from services.monitoring.following import Hanging, follow, join

_CONSENTS: Final = Hanging(TABLE, TABLE)


async def consents_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the consents of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, _CONSENTS, households)


async def consents_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """After a merger the consents of who lived in ``left`` are the new household's.

    At a split they stay: who founds a household of their own signs for it.
    """
    await join(unit, _CONSENTS, left=left, household=household)
