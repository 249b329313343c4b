"""How long cases have been shown in their village, and one list as it hangs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, NotFound
from services.monitoring.cases.queries.rows import LINE, LIST
from services.monitoring.cases.rules.publicity import Span, days_shown, over_on, passes_on, publicity_fault
from services.monitoring.cases.rules.states import Purpose
from services.monitoring.cases.schemas.doing import PublicListLineRead, PublicListRead
from services.monitoring.cases.schemas.reading import PublicityRead, ShownDays


async def publicity_faults(unit: UnitOfWork, pointers: Mapping[UUID, str]) -> list[Fault]:
    """For each of these cases that hangs and has not hung long enough: from which day it may go on.

    :param pointers: case → where the request names it.
    """
    today = unit.clock.today()
    lines = await _lines(unit, list(pointers))
    found = []
    for case, pointer in pointers.items():
        own = lines.get(case, [])
        own = [row for row in own if row.purpose == own[-1].purpose]  # the way that it is on now
        if any(row.until is None for row in own):
            found.append(publicity_fault(_spans(own), today, days=own[-1].days, pointer=pointer))
    return [one for one in found if one is not None]


async def hanging(unit: UnitOfWork, cases: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these cases hang in their village today."""
    return frozenset(case for case, own in (await _lines(unit, cases)).items() if any(row.until is None for row in own))


async def passing(unit: UnitOfWork, cases: Sequence[UUID], purpose: Purpose) -> dict[UUID, date]:
    """From which day each of these cases that hangs for a purpose may go on; another one is not in it."""
    today, found = unit.clock.today(), dict[UUID, date]()
    for case, lines in (await _lines(unit, cases)).items():
        own = [row for row in lines if row.purpose == purpose.value]
        if any(row.until is None for row in own):
            found[case] = passes_on(_spans(own), today, days=own[-1].days)
    return found


async def publicity_of(unit: UnitOfWork, case_id: UUID, purpose: Purpose = Purpose.ENTRY) -> PublicityRead | None:
    """How long a case has been shown for a purpose; None if it never was."""
    own = [row for row in (await _lines(unit, [case_id])).get(case_id, ()) if row.purpose == purpose.value]
    if not own:
        return None
    spans, today, hangs = _spans(own), unit.clock.today(), own[-1].until is None
    return PublicityRead(
        days=own[-1].days,
        days_shown=days_shown(spans, today),
        passes_on=passes_on(spans, today, days=own[-1].days) if hangs else None,
        over_on=over_on(spans, days=own[-1].days),
        lines=[ShownDays(**{name: getattr(row, name) for name in ShownDays.model_fields}) for row in own],
    )


async def show_list(unit: UnitOfWork, list_id: UUID) -> PublicListRead:
    """The list with its lines.

    :raises NotFound: if there is none in the caller's area.
    """
    statement = select(LIST).where(LIST.c.id == list_id, LIST.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    lines = select(LINE).where(LINE.c.list_id == list_id).order_by(LINE.c.since, LINE.c.id)
    return PublicListRead(
        **{name: getattr(row, name) for name in PublicListRead.model_fields if name != "lines"},
        lines=[
            PublicListLineRead(case_id=line.case_id, since=line.since, until=line.until)
            for line in await unit.connection.execute(lines)
        ],
    )


async def _lines(unit: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The lines of cases in the order in which they hung, each with the days that its list needs."""
    statement = (
        select(LINE)
        .where(LINE.c.case_id.in_(cases), LINE.c.region.between(unit.area.lo, unit.area.hi))
        .order_by(LINE.c.since, LINE.c.id)
    )
    found: dict[UUID, list[Any]] = {}
    for row in await unit.connection.execute(statement):
        found.setdefault(row.case_id, []).append(row)
    return found


def _spans(lines: Sequence[Any]) -> list[Span]:
    return [Span(row.since, row.until) for row in lines if row.counts]
