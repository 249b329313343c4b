"""Load a year's notice, and correct it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from chassis.calendar.schemas import (
    HolidayCreate,
    HolidayNoticeCreate,
    HolidayNoticePut,
    HolidayNoticeRead,
    HolidayRead,
)
from chassis.calendar.tables import holiday, holiday_notice
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, NotFound
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate

KIND: Final = "holiday_notice"
_SATURDAY: Final = 5


class NoticeLoaded(Conflict):
    code, status = "holiday_notice_loaded", 409
    title = Message(
        "该年度的放假通知已录入，请在原通知上更正。", "This year's notice is loaded already; correct that one instead."
    )


async def load_notice(unit: UnitOfWork, body: HolidayNoticeCreate) -> HolidayNoticeRead:
    """Let a year's notice hold in a division within the actor's area.

    :raises InvalidInput: for a scope outside the area, or days that the notice cannot mean.
    :raises NoticeLoaded: if the division has this year's notice.
    """
    faults = _faults(body.year, body.days)
    if not unit.actor.area.contains(body.scope):
        faults.append(
            Fault("/scope", "outside_area", Message("请填写本辖区内的区划。", "Give a division within your area."))
        )
    if faults:
        raise InvalidInput(faults=faults)
    taken = await unit.connection.execute(
        select(holiday_notice.c.id).where(
            holiday_notice.c.scope == body.scope,
            holiday_notice.c.year == body.year,
            holiday_notice.c.whole == body.whole,
        )
    )
    if taken.first() is not None:
        raise NoticeLoaded
    notice = HolidayNoticeRead(
        id=body.id or new_id(),
        scope=body.scope,
        year=body.year,
        whole=body.whole,
        source=body.source,
        recorded_by=unit.actor.subject,
        recorded_at=unit.clock.system_now(),
        version=1,
        days=_sorted(body.days),
    )
    await unit.connection.execute(insert(holiday_notice).values(notice.model_dump(exclude={"days"})))
    await _insert_days(unit, notice)
    _record(unit, "calendar.notice_loaded", notice)
    return notice


async def correct_notice(unit: UnitOfWork, notice_id: UUID, version: int, body: HolidayNoticePut) -> HolidayNoticeRead:
    """Replace what a notice says, as when the State Council prolongs a holiday.

    :raises NotFound: for a notice of a division outside the actor's area.
    """
    found = (
        await unit.connection.execute(select(holiday_notice).where(holiday_notice.c.id == notice_id).with_for_update())
    ).one_or_none()
    if found is None or not unit.actor.area.contains(found.scope):
        raise NotFound
    require_version(version, found.version)
    faults = _faults(found.year, body.days)
    if faults:
        raise InvalidInput(faults=faults)
    notice = HolidayNoticeRead(
        id=found.id,
        scope=found.scope,
        year=found.year,
        whole=found.whole,
        source=body.source,
        recorded_by=unit.actor.subject,
        recorded_at=unit.clock.system_now(),
        version=found.version + 1,
        days=_sorted(body.days),
    )
    await unit.connection.execute(
        update(holiday_notice)
        .where(holiday_notice.c.id == notice_id)
        .values(notice.model_dump(include={"source", "recorded_by", "recorded_at", "version"}))
    )
    await unit.connection.execute(delete(holiday).where(holiday.c.notice_id == notice_id))
    await _insert_days(unit, notice)
    _record(unit, "calendar.notice_corrected", notice)
    return notice


def _faults(year: int, days: Sequence[HolidayCreate]) -> list[Fault]:
    """What a notice of ``year`` cannot mean: every fault, not the first."""
    faults: list[Fault] = []
    seen: set[date] = set()
    for number, one in enumerate(days):
        pointer = f"/days/{number}/day"
        # Around New Year a notice also arranges the neighbouring weeks.
        if not date(year - 1, 12, 1) <= one.day <= date(year + 1, 1, 31):
            message = Message(f"应在 {year} 年及其前后一个月内。", f"Give a day of {year}, or of the month around it.")
            faults.append(Fault(pointer, "outside_year", message))
        if one.day in seen:
            faults.append(Fault(pointer, "twice", Message("同一天出现两次。", "This day is named twice; keep one.")))
        if one.working and one.day.weekday() < _SATURDAY:
            message = Message("调休上班日应为周六或周日。", "A worked day of a notice is a Saturday or Sunday.")
            faults.append(Fault(pointer, "not_a_weekend", message))
        seen.add(one.day)
    return faults


def _sorted(days: Sequence[HolidayCreate]) -> list[HolidayRead]:
    return [HolidayRead(**one.model_dump()) for one in sorted(days, key=lambda one: one.day)]


async def _insert_days(unit: UnitOfWork, notice: HolidayNoticeRead) -> None:
    rows = [{"notice_id": notice.id, **one.model_dump()} for one in notice.days]
    await unit.connection.execute(insert(holiday), rows)


def _record(unit: UnitOfWork, action: str, notice: HolidayNoticeRead) -> None:
    aggregate = Aggregate(KIND, notice.id, notice.scope, notice.version)
    unit.record(action, aggregate, fields=["source", "days"])
