"""When households were visited last, as the national form asks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.visits.queries.one import VISIT


async def last_visits(unit: UnitOfWork, households: Sequence[UUID]) -> dict[UUID, Any]:
    """By household, the row of its last visit that counts; whom nobody visited is not there."""
    statement = (
        select(VISIT.c.household_id, VISIT.c.visited_on, VISIT.c.way, VISIT.c.findings)
        .ext(distinct_on(VISIT.c.household_id))
        .where(
            VISIT.c.household_id.in_(households),
            VISIT.c.region.between(unit.area.lo, unit.area.hi),
            VISIT.c.state == "recorded",
        )
        .order_by(VISIT.c.household_id, VISIT.c.visited_on.desc(), VISIT.c.id.desc())
    )
    return {row.household_id: row for row in await unit.connection.execute(statement)}
