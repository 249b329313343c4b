"""How the household of a case was told that it came to nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.masking import mask_name
from services.monitoring.cases.queries.rows import NOTICE
from services.monitoring.cases.schemas.telling import NoticeKept, NoticeRead
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES


async def notices_of(unit: UnitOfWork, case_id: UUID) -> list[NoticeRead]:
    """Every notice of a case, the first one first."""
    statement = select(NOTICE).where(NOTICE.c.case_id == case_id, NOTICE.c.region.between(unit.area.lo, unit.area.hi))
    return [show_notice(unit, row) for row in await unit.connection.execute(statement.order_by(NOTICE.c.id))]


def show_notice(unit: UnitOfWork, row: Any) -> NoticeRead:
    """A notice as the caller may see it."""
    return NoticeRead(**shown_notice(unit, row), state=row.state)


def shown_notice(unit: UnitOfWork, row: Any) -> dict[str, Any]:
    """What every notice shows, of a case or of a clue, as the caller may see it."""
    knows = unit.actor.role in KNOWS_NAMES
    told_by = row.told_by if knows or row.told_by is None else mask_name(row.told_by)
    known = {name: getattr(row, name) for name in NoticeKept.model_fields}
    words = row.words if unit.actor.role in KNOWS_HEALTH else None
    return known | {"told_by": told_by, "words": words}
