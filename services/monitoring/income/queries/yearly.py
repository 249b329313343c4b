"""Yearly figures that were taken over from another system, and which amounts they hold already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.income.queries.lines import LINE, in_area
from services.monitoring.income.rules import annual_window_of

_LINES: Final = UUID("0b9c2c5e-6f0a-5f0e-8a56-7c1d3c6f2a41")


def yearly_id(household: UUID, kind: IncomeLineKind, last: date) -> UUID:
    """The id of the line of a household's yearly figure, whose twelve months end on ``last``."""
    return uuid5(_LINES, f"{household}/{kind}/{last}")


async def said_by_years(
    unit: UnitOfWork, household: UUID, amounts: Sequence[tuple[IncomeLineKind, date]], *, first_month: int
) -> Mapping[int, tuple[IncomeLineKind, int]]:
    """Which of these amounts a yearly figure of the household holds already: its place → the figure's kind and year.

    A figure of a whole group holds every kind of it.
    """
    held_by = [
        (place, kind, annual_window_of(day, first_month=first_month).last)
        for place, (own, day) in enumerate(amounts)
        for kind in _kinds_that_hold(own)
    ]
    ids = {yearly_id(household, kind, last) for _place, kind, last in held_by}
    statement = select(LINE.c.id).where(LINE.c.id.in_(ids), in_area(unit), LINE.c.state == "active")
    known = set((await unit.connection.execute(statement)).scalars())
    return {place: (kind, last.year) for place, kind, last in held_by if yearly_id(household, kind, last) in known}


def _kinds_that_hold(own: IncomeLineKind) -> Iterator[IncomeLineKind]:
    for kind in IncomeLineKind:
        if kind is own or (kind.group is own.group and (kind.is_undivided or own.is_undivided)):
            yield kind
