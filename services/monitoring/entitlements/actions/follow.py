"""Let entitlements follow households that moved, and people who live in another household now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_alike
from services.monitoring.entitlements.actions.settle import KIND
from services.monitoring.following import Hanging, follow, join

_ENTITLEMENTS: Final = Hanging("entitlement", KIND, of_persons=True)
# What was due to the household as a whole ends with it: its successor has what is due to itself.
_END: Final = text(
    """
    UPDATE entitlement SET state = 'over', state_since = :today, ended_on = :today, version = version + 1
    WHERE household_id = :left AND person_id IS NULL AND state <> 'over' RETURNING id
    """
)


async def entitlements_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring what is due to ``households`` to where these are managed now; ``unit`` must reach both sides."""
    await follow(unit, _ENTITLEMENTS, households)


async def entitlements_join(
    unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None
) -> None:
    """Bring what is due to people from the household ``left`` to their new one; None after a merger: all of it."""
    if persons is None:
        ended = list((await unit.connection.execute(_END, {"left": left, "today": unit.clock.today()})).scalars())
        if ended:
            told = {"action": "entitlement.end", "kind": KIND, "fields": ["state"], "why": None, "ids": ended}
            await unit.record_from(rows_alike(KIND), told)
    await join(unit, _ENTITLEMENTS, left=left, household=household, persons=persons)
