"""Read the calendar of a division: what the release knows, overridden by the notices loaded since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.calendar.published import published_calendar
from chassis.calendar.rules import Calendar, Notice
from chassis.calendar.schemas import HolidayNoticeRead, HolidayRead
from chassis.calendar.tables import holiday, holiday_notice
from chassis.parameters.rules import scopes_of


async def calendar_of(connection: AsyncConnection, region: int) -> Calendar:
    """The calendar that holds in ``region``; read once per transaction, then count by it."""
    notices = await notices_for(connection, region)
    said = [Notice(one.scope, one.year, one.whole, {day.day: day.working for day in one.days}) for one in notices]
    return Calendar.layered(published_calendar(), said, scopes=scopes_of(region))


async def notices_for(
    connection: AsyncConnection, region: int, *, year: int | None = None
) -> Sequence[HolidayNoticeRead]:
    """The notices of the scopes that ``region`` lies in, by year and scope."""
    statement = (
        select(holiday_notice, holiday.c.day, holiday.c.working, holiday.c.name)
        .join_from(holiday_notice, holiday)
        .where(holiday_notice.c.scope.in_(scopes_of(region)))
        .order_by(holiday_notice.c.year, holiday_notice.c.scope, holiday_notice.c.id, holiday.c.day)
    )
    if year is not None:
        statement = statement.where(holiday_notice.c.year == year)
    found: dict[Any, dict[str, Any]] = {}
    for row in await connection.execute(statement):
        notice = found.setdefault(
            row.id, {**{column.name: getattr(row, column.name) for column in holiday_notice.columns}, "days": []}
        )
        notice["days"].append(HolidayRead(day=row.day, working=row.working, name=row.name))
    return [HolidayNoticeRead(**notice) for notice in found.values()]
