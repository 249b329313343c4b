"""Let checks follow households that moved. After a split or merger they stay: they are about that home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.following import Hanging, follow

_CHECKS: Final = Hanging("guarantee_check", "guarantee_check")


async def checks_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the checks of ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, _CHECKS, households)
