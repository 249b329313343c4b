"""The calendar over HTTP: days, terms, and the notices behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.calendar.actions import correct_notice, load_notice
from chassis.calendar.queries import calendar_of, notices_for
from chassis.calendar.rules import add_days
from chassis.calendar.schemas import (
    CalendarDay,
    CalendarDays,
    CalendarQuery,
    HolidayNoticeCreate,
    HolidayNoticeList,
    HolidayNoticePut,
    HolidayNoticeRead,
    HolidayNoticesQuery,
    TermQuery,
    TermRead,
)
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.security.scope import FIELD, OFFICERS, Area, Permission, Role

CALENDAR_READ: Final = Permission("calendar.read", OFFICERS | FIELD | {Role.AUDITOR, Role.DEPARTMENT_CLERK})
CALENDAR_SET: Final = Permission(
    "calendar.set", frozenset({Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER})
)


def calendar_router(service: str) -> APIRouter:
    """The routes of one service's calendar."""
    router = service_router("calendar", prefix="/calendar")
    _add_reading(router, service)
    _add_loading(router, service)
    return router


def _add_reading(router: APIRouter, service: str) -> None:
    @router.get("/days", operation_id=f"{service}_calendar_days_list", summary="日历 · Days")
    @reference_data
    async def days(
        query: Annotated[CalendarQuery, Query()], unit: Annotated[UnitOfWork, reads(CALENDAR_READ)]
    ) -> CalendarDays:
        """Which days of a period are worked."""
        region = _region(unit, query.region)
        calendar = await calendar_of(unit.connection, region)
        count = (query.to_day - query.from_day).days + 1
        items = [
            CalendarDay(day=day, working=calendar.is_working(day), is_estimated=calendar.is_estimated(day))
            for day in (query.from_day + timedelta(days=number) for number in range(count))
        ]
        return CalendarDays(
            region=region,
            working_days=sum(item.working for item in items),
            is_estimated=any(item.is_estimated for item in items),
            items=items,
        )

    @router.get("/terms", operation_id=f"{service}_calendar_terms_get", summary="期限 · The end of a term")
    @reference_data
    async def term(query: Annotated[TermQuery, Query()], unit: Annotated[UnitOfWork, reads(CALENDAR_READ)]) -> TermRead:
        """The last day of a term of days or working days; the day it starts on is not counted."""
        calendar = await calendar_of(unit.connection, _region(unit, query.region))
        answer = add_days(calendar, query.start, query.days, kind=query.kind)
        return TermRead(end=answer.day, is_estimated=answer.is_estimated)

    @router.get("/notices", operation_id=f"{service}_calendar_notices_list", summary="放假通知 · Notices")
    @reference_data
    async def notices(
        query: Annotated[HolidayNoticesQuery, Query()], unit: Annotated[UnitOfWork, reads(CALENDAR_READ)]
    ) -> HolidayNoticeList:
        """The notices that hold in a division."""
        found = await notices_for(unit.connection, _region(unit, query.region), year=query.year)
        return HolidayNoticeList(items=list(found))


def _add_loading(router: APIRouter, service: str) -> None:
    @router.post(
        "/notices", operation_id=f"{service}_calendar_notices_load", status_code=201, summary="录入放假通知 · Load"
    )
    async def load(
        response: Response, body: HolidayNoticeCreate, unit: Annotated[UnitOfWork, writes(CALENDAR_SET)]
    ) -> HolidayNoticeRead:
        """Load a year's notice for a division within your area."""
        notice = await load_notice(unit, body)
        response.headers["ETag"] = etag(notice.version)
        return notice

    @router.put("/notices/{notice_id}", operation_id=f"{service}_calendar_notices_correct", summary="更正 · Correct")
    @needs_version
    async def correct(
        request: Request,
        response: Response,
        notice_id: UUID,
        body: HolidayNoticePut,
        unit: Annotated[UnitOfWork, writes(CALENDAR_SET)],
    ) -> HolidayNoticeRead:
        """Replace what a notice says."""
        notice = await correct_notice(unit, notice_id, expected_version(request), body)
        response.headers["ETag"] = etag(notice.version)
        return notice


def _region(unit: UnitOfWork, asked: int | None) -> int:
    """The division asked about: within the area or around it, since its calendar is no secret."""
    region = asked or unit.actor.assignment.region
    if not (unit.area.contains(region) or Area.of(region).covers(unit.area)):
        raise NotFound
    return region
