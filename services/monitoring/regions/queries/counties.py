"""Name the counties that this installation serves, for work that is done county by county."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.program import Program
from chassis.security.scope import Area, Level
from services.monitoring.regions.tables import DivisionRow

_DIVISION: Final = rows(DivisionRow)


async def counties(program: Program) -> Sequence[int]:
    """Codes of the counties in force on the business date, in order."""
    today = program.clock.today()
    statement = (
        select(_DIVISION.c.code)
        .where(
            _DIVISION.c.level == int(Level.COUNTY),
            _DIVISION.c.valid_from <= today,
            _DIVISION.c.valid_to.is_(None) | (_DIVISION.c.valid_to >= today),
        )
        .distinct()
        .order_by(_DIVISION.c.code)
    )
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement)).scalars().all()
