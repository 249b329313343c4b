"""End requests that nobody needs to answer any more, because their case ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import update

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from services.monitoring.comparisons.queries.requests import KIND, REQUEST, visible

FIELDS: Final = ("ended_by", "state")


async def close_requests(unit: UnitOfWork, cases: Sequence[UUID], reason: str) -> int:
    """Close what is still open of cases; returns how many requests that were. What was answered stays."""
    statement = (
        update(REQUEST)
        .where(REQUEST.c.case_id.in_(cases), REQUEST.c.state == "open", *visible(unit))
        .values(
            state="closed",
            closed_reason=reason,
            ended_by=unit.actor.subject,
            ended_at=unit.clock.business_now(),
            version=REQUEST.c.version + 1,
        )
        .returning(REQUEST)
    )
    closed = (await unit.connection.execute(statement)).all()
    for row in closed:
        aggregate = Aggregate(KIND, row.id, row.region, row.version)
        unit.record("comparison.close", aggregate, fields=FIELDS, reason=reason)
    return len(closed)
