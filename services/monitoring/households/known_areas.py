"""Look up the counties that this installation knows, only when a judgement turns on one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import distinct, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Level
from services.monitoring.households.judge import Verdict
from services.monitoring.regions.tables import DivisionRow

_DIVISION: Final = rows(DivisionRow)
_COUNTY: Final = 10**6
_UNKNOWN: Final = "certificate_area_unknown"


async def judged(unit: UnitOfWork, judge: Callable[[frozenset[str]], Verdict]) -> Verdict:
    """What ``judge`` says, told of the counties on record if a number's county is neither listed nor the household's.

    Nearly every number needs no look at the divisions, so the first judgement goes without.
    """
    verdict = judge(frozenset())
    if any(doubt.code == _UNKNOWN for doubt in verdict.doubts):
        verdict = judge(await counties_on_record(unit))
    return verdict


async def counties_on_record(unit: UnitOfWork) -> frozenset[str]:
    """The six digits of every county, present or past, among the divisions."""
    found = await unit.connection.execute(
        select(distinct(_DIVISION.c.code)).where(_DIVISION.c.level == int(Level.COUNTY))
    )
    return frozenset(f"{code // _COUNTY:06d}" for code in found.scalars())
