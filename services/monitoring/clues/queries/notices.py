"""How whoever reported themselves was told that their clue was dismissed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.queries.notices import shown_notice
from services.monitoring.cases.schemas.telling import NoticeKept
from services.monitoring.clues.tables import ClueNotice

NOTICE: Final = rows(ClueNotice)


async def notices_of_clue(unit: UnitOfWork, clue_id: UUID) -> list[NoticeKept]:
    """Every notice of a clue, the first one first."""
    statement = select(NOTICE).where(NOTICE.c.clue_id == clue_id, NOTICE.c.region.between(unit.area.lo, unit.area.hi))
    found = await unit.connection.execute(statement.order_by(NOTICE.c.id))
    return [NoticeKept(**shown_notice(unit, row)) for row in found]
