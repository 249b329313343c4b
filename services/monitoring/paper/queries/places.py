"""What divisions are called on a day, and which office their papers name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Level
from services.monitoring.cases.queries.rows import division_at
from services.monitoring.paper.parameters import OFFICE, OFFICE_TELEPHONE
from services.monitoring.paper.rules.facts import Office
from services.monitoring.parameters import book_of
from services.monitoring.regions.writing import DIVISION

LEVELS = (Level.COUNTY, Level.TOWN, Level.VILLAGE)


async def names_of(unit: UnitOfWork, villages: Iterable[int], on: date) -> Mapping[int, str]:
    """Names by code of these villages and of their towns and counties; a division that nobody recorded has none."""
    codes = {division_at(village, level) for village in villages for level in LEVELS}
    statement = select(DIVISION.c.code, DIVISION.c.name).where(
        DIVISION.c.code.in_(codes),
        DIVISION.c.valid_from <= on,
        or_(DIVISION.c.valid_to.is_(None), DIVISION.c.valid_to >= on),
    )
    return {row.code: row.name for row in await unit.connection.execute(statement)}


async def office_of(unit: UnitOfWork, village: int, on: date) -> Office:
    """Whom the people of a village may ask."""
    book = await book_of(unit, village)
    return Office(
        book.text(OFFICE, region=village, on=on),
        book.text(OFFICE_TELEPHONE, region=village, on=on),
    )
