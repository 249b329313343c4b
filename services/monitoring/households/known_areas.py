"""Give a judgement what it needs of the area: its thresholds, and the counties on record where it turns on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Level
from services.monitoring.households.judge import Verdict
from services.monitoring.households.thresholds import DEFAULTS, Thresholds
from services.monitoring.parameters import book_of
from services.monitoring.regions.tables import DivisionRow

_DIVISION: Final = rows(DivisionRow)
_COUNTY: Final = 10**6
_UNKNOWN: Final = "certificate_area_unknown"


async def judged(unit: UnitOfWork, region: int, judge: Callable[[Thresholds, frozenset[str]], Verdict]) -> Verdict:
    """What ``judge`` says by the thresholds in force in ``region`` today.

    It is told of the counties on record only if a number's county is neither listed nor the household's: nearly every
    number needs no look at the divisions, so the first judgement goes without.
    """
    thresholds = await thresholds_at(unit, region)
    verdict = judge(thresholds, frozenset())
    if any(doubt.code == _UNKNOWN for doubt in verdict.doubts):
        verdict = judge(thresholds, await counties_on_record(unit))
    return verdict


async def thresholds_at(unit: UnitOfWork, region: int) -> Thresholds:
    """The numbers that the household rules compare with, in force in ``region`` on the business date."""
    book, today = await book_of(unit, region), unit.clock.today()
    return Thresholds.from_values({row.key: book.integer(row.key, region=region, on=today) for row in DEFAULTS})


async def counties_on_record(unit: UnitOfWork) -> frozenset[str]:
    """The six digits of every county, present or past, among the divisions."""
    found = await unit.connection.execute(
        select(_DIVISION.c.code).distinct().where(_DIVISION.c.level == int(Level.COUNTY))
    )
    return frozenset(f"{code // _COUNTY:06d}" for code in found.scalars())
