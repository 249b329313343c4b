"""What is due after an elimination: until when the household is followed, its next visit, its yearly update."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.queries.yearly_update import HEARD_IN_TIME, SAID_OF_IT, update_in
from services.monitoring.cases.rules.states import FOLLOWED
from services.monitoring.cases.schemas.reading import FollowUpRead
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.rules.dates import months_after
from services.monitoring.parameters import book_of

_SAID: Final = SAID_OF_IT.format(line="l", household=":household", first=":first", last=":last", over=":over")
_KNOWN: Final = text(
    f"""
    SELECT (SELECT min(due_on) FROM visit_due
            WHERE household_id = :household AND reason = 'follow_up' AND region BETWEEN :lo AND :hi) AS visit_due_on,
           EXISTS (SELECT FROM income_line AS l WHERE l.region BETWEEN :lo AND :hi AND {_SAID}) AS updated,
           EXISTS (SELECT FROM monitoring_case AS c WHERE c.id = :case
                     AND {HEARD_IN_TIME.format(last="CAST(:last AS date)")}) AS heard_in_time
    """  # noqa: S608  # constants only
)


async def follow_up_of(unit: UnitOfWork, row: Any) -> FollowUpRead | None:
    """What is due for an eliminated case; None for another.

    One whose household was registered anew, or joined one that is followed up or monitored, has no follow-up any more:
    what is due there is that case's.
    """
    if row.state not in FOLLOWED or row.eliminated_on is None:
        return None
    if (await household_row(unit, row.household_id)).eliminated_on != row.eliminated_on:
        return None
    today = unit.clock.today()
    update = update_in(await book_of(unit, row.region), region=row.region, on=today)
    window = update.window
    known = (
        await unit.connection.execute(
            _KNOWN,
            {
                "case": row.id,
                "household": row.household_id,
                "lo": unit.area.lo,
                "hi": unit.area.hi,
                "first": window.first,
                "last": window.last,
                "over": update.over,
            },
        )
    ).one()
    # Whoever left the register after the window's end was looked at then; and whom another system followed until then,
    # it updated.
    updated = known.updated or row.eliminated_on > window.last or not known.heard_in_time
    return FollowUpRead(
        until=months_after(row.eliminated_on, update.months) if update.months else None,
        next_visit_due_on=known.visit_due_on,
        update_first=window.first,
        update_last=window.last,
        update_due_on=update.due_on,
        updated=updated,
        update_late=not updated and today > update.due_on,
    )
