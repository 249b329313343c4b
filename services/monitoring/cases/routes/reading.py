"""Cases, meetings and public lists as they are read over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.preconditions import etag
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.queries.listing import list_cases
from services.monitoring.cases.queries.meetings import show_meeting
from services.monitoring.cases.queries.one import read_case
from services.monitoring.cases.queries.publicity import show_list
from services.monitoring.cases.schemas.doing import MeetingRead, PublicListRead
from services.monitoring.cases.schemas.reading import CasePage, CaseQuery, CaseRead

router = service_router("cases")


@router.get("/cases", operation_id="case_list")
async def case_list(
    query: Annotated[CaseQuery, Query()], unit: Annotated[UnitOfWork, reads(may.CASE_READ)]
) -> CasePage:
    """List the cases of your area, the earliest due first."""
    return await list_cases(unit, query)


@router.get("/cases/{case_id}", operation_id="case_read")
async def case_read(case_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.CASE_READ)]) -> CaseRead:
    """Read a case: its plan with dues, who holds it, and everything that happened to it."""
    case = await read_case(unit, case_id)
    response.headers["ETag"] = etag(case.version)
    return case


@router.get("/case-meetings/{meeting_id}", operation_id="case_meeting_read")
async def case_meeting_read(meeting_id: UUID, unit: Annotated[UnitOfWork, reads(may.CASE_READ)]) -> MeetingRead:
    """Read the minutes of a meeting and its votes."""
    return await show_meeting(unit, meeting_id)


@router.get("/public-lists/{list_id}", operation_id="public_list_read")
async def public_list_read(
    list_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.CASE_READ)]
) -> PublicListRead:
    """Read a public list and how long each household has hung on it."""
    found = await show_list(unit, list_id)
    response.headers["ETag"] = etag(found.version)
    return found
