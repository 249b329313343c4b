"""Whose yearly update is awaited: households that are followed up, by the annual window that ended last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Select, select, text

from chassis.database.unit_of_work import UnitOfWork
from chassis.parameters.reader import ParameterBook
from chassis.security.scope import Area
from services.monitoring.cases.parameters import YEARLY_UPDATE_DAYS
from services.monitoring.cases.queries.rows import CASE, IS_FOLLOWED
from services.monitoring.cases.queries.taken_over import HEARD_OF_CASE
from services.monitoring.households.rules.dates import months_after
from services.monitoring.income.rules import Window, last_annual_window
from services.monitoring.income.thresholds import FIRST_MONTH
from services.monitoring.parameters import book_of
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.visits.duties import FOLLOW_UP_MONTHS

# What was due before this registry heard of the elimination was the other system's.
HEARD_IN_TIME: Final = f"""
    coalesce((SELECT heard.eliminated FROM ({HEARD_OF_CASE.format(case="c")}) AS heard) <= {{last}}, true)
"""  # noqa: S608  # constants only
SAID_OF_IT: Final = """
    {line}.household_id = {household} AND {line}.state = 'active' AND {line}.counts_on BETWEEN {first} AND {last}
    AND {line}.source_event_id IS NULL AND CAST({line}.recorded_at AT TIME ZONE 'Asia/Shanghai' AS date) >= {over}
"""
"""A line of income that is an update of a window: figures from before its end are forecasts, and a month's wage that
another service tells says nothing of the year."""
_SAID: Final = SAID_OF_IT.format(line="l", household="c.household_id", first="w.first", last="w.last", over="w.over")
# Whoever left the register after the window's end was looked at then; whoever is registered again is updated by the
# new case.
AWAITED: Final = f"""
    SELECT c.id, c.household_id, c.region, w.due_on, w.over AS since
    FROM jsonb_to_recordset(CAST(:updates AS jsonb))
         AS w(county bigint, first date, last date, over date, due_on date, ended_before date)
    JOIN monitoring_case AS c ON c.region BETWEEN w.county AND w.county + 999999
    JOIN household AS h ON h.id = c.household_id AND h.state = 'active' AND h.eliminated_on = c.eliminated_on
    WHERE c.state IN ('eliminated', 'follow_up') AND c.eliminated_on > w.ended_before AND c.eliminated_on <= w.last
      AND {HEARD_IN_TIME.format(last="w.last")}
      AND NOT EXISTS (SELECT FROM income_line AS l WHERE {_SAID})
"""  # noqa: S608  # constants only
"""One row for each case whose household's figures of the window are awaited, due on the area's day."""
_IDS: Final = text(f"SELECT id FROM ({AWAITED}) AS awaited WHERE region BETWEEN :lo AND :hi").columns(CASE.c.id)  # noqa: S608


class YearlyUpdate(NamedTuple):
    """The annual window that ended last, until when its figures are to be updated, and for how many months after an
    elimination anybody is followed; 0: without an end."""

    window: Window
    due_on: date
    months: int

    @property
    def over(self) -> date:
        """The first day on which figures of the window are no forecasts."""
        return self.window.last + timedelta(days=1)


def update_in(book: ParameterBook, *, region: int, on: date) -> YearlyUpdate:
    """What an area's parameters make of a day."""
    there: dict[str, Any] = {"region": region, "on": on}
    window = last_annual_window(on, first_month=book.integer(FIRST_MONTH, **there))
    due_on = window.last + timedelta(days=book.integer(YEARLY_UPDATE_DAYS, **there))
    return YearlyUpdate(window, due_on, book.integer(FOLLOW_UP_MONTHS, **there))


def windows_bound(books: Mapping[int, ParameterBook], today: date) -> dict[str, Any]:
    """The window and the due of each county, bound into :data:`AWAITED`.

    :param books: parameters by county.
    """
    rows = []
    for county, book in books.items():
        update = update_in(book, region=county, on=today)
        rows.append(
            {
                "county": county,
                "first": update.window.first,
                "last": update.window.last,
                "over": update.over,
                "due_on": update.due_on,
                "ended_before": months_after(today, -update.months) if update.months else date.min,
            }
        )
    return {"updates": orjson.dumps(rows).decode()}


async def awaited_in(unit: UnitOfWork, area: Area) -> Select[Any]:
    """The ids of the area's cases whose yearly update is awaited, as a subquery."""
    found = select(CASE.c.region).where(CASE.c.region.between(area.lo, area.hi), IS_FOLLOWED)
    counties = {county_of(region) for region in (await unit.connection.execute(found.distinct())).scalars()}
    books = {county: await book_of(unit, county) for county in sorted(counties)}
    bound = _IDS.bindparams(**windows_bound(books, unit.clock.today()), lo=area.lo, hi=area.hi)
    return select(bound.subquery().c.id)
