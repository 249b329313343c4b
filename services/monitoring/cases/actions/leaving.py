"""Say who holds a case on its way out of the register, and until when, from step to step (clause B10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.parameters.reader import ParameterBook
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.parameters import ELIMINATION_STEP_DAYS
from services.monitoring.cases.queries.publicity import passing
from services.monitoring.cases.rules.clock import waiting_to_leave
from services.monitoring.cases.rules.states import ELIMINATING, Purpose
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.lines.queries.rows import county_of
from services.monitoring.parameters import book_of

_ANEW: Final = frozenset(
    {CaseAction.COMPARE, CaseAction.OBJECT, CaseAction.DISMISS_OBJECTION, CaseAction.PUBLISH_ANEW, CaseAction.MOVE}
)
"""The state stays, and what it waits for does not: of cases that moved, those that hang anew come here."""


async def waits_to_leave(unit: UnitOfWork, steps: Sequence[Taken]) -> dict[UUID, dict[str, Any]]:
    """By case, the columns that say what it waits for after a step that leaves it on its way out.

    Whatever else happens to a case there, such as a second clue, leaves its clock as it runs. Call it once the lists on
    which these cases hang are as they will be.
    """
    leaving = [one for one in steps if one.reaches in ELIMINATING]
    begins = [one for one in leaving if one.reaches.value != one.row.state or one.action in _ANEW]
    hanging = [one.row.id for one in begins if one.reaches is CaseState.ELIM_PUBLICITY]
    passes_on = await passing(unit, hanging, Purpose.ELIMINATION) if hanging else {}
    found = {one.row.id: {name: getattr(one.row, name) for name in ("step", "holder", "due_on")} for one in leaving}
    books = {county: await book_of(unit, county) for county in sorted({county_of(one.row.region) for one in begins})}
    for one in begins:
        found[one.row.id] = _waits(books[county_of(one.row.region)], one, unit.clock.today(), passes_on.get(one.row.id))
    return found


def _waits(book: ParameterBook, step: Taken, today: date, passes_on: date | None) -> dict[str, Any]:
    row = step.row
    days = book.integer(ELIMINATION_STEP_DAYS, region=row.region, on=today)
    asked = row.elimination_comparison_days or 0
    compared = step.values.get("elimination_compared_on", row.elimination_compared_on)
    holder, due_on = waiting_to_leave(
        step.reaches,
        today,
        step_days=days,
        answered_by=today + timedelta(days=asked) if asked and compared is None else None,
        passes_on=passes_on,
    )
    return {"step": None, "holder": holder.value, "due_on": due_on}
