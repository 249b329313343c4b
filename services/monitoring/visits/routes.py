"""Visits over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.forms.schemas import show_form
from services.monitoring.visits.actions.record import amend_visit, record_visit, void_visit
from services.monitoring.visits.forms import load_forms
from services.monitoring.visits.queries.due import list_dues, list_duties
from services.monitoring.visits.queries.form import visit_form
from services.monitoring.visits.queries.one import list_visits, read_visit, visit_history
from services.monitoring.visits.schemas import (
    DuePage,
    DueQuery,
    DutyList,
    DutyQuery,
    FormList,
    VisitAmend,
    VisitCreate,
    VisitFormRead,
    VisitPage,
    VisitQuery,
    VisitRead,
    VisitVersions,
    VisitVoid,
)

router = service_router("visits")


@router.get("/visit-forms", operation_id="visit_form_list")
async def visit_form_list(_unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]) -> FormList:
    """Every version of every form of visits."""
    return FormList(items=[show_form(form) for form in load_forms().values()])


@router.get("/visit-duties", operation_id="visit_duty_list")
async def visit_duty_list(
    query: Annotated[DutyQuery, Query()], unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]
) -> DutyList:
    """Who is due a visit in a county, how often, and by which paper."""
    return await list_duties(unit, query)


@router.get("/visit-dues", operation_id="visit_due_list")
async def visit_due_list(
    query: Annotated[DueQuery, Query()], unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]
) -> DuePage:
    """List the visits that are due, the earliest first: in your area, by helper, or yours."""
    return await list_dues(unit, query)


@router.get("/households/{household_id}/visit-form", operation_id="household_visit_form")
async def household_visit_form(household_id: UUID, unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]) -> VisitFormRead:
    """One sheet for the next visit to a household, filled with what offices hold."""
    return await visit_form(unit, household_id)


@router.post("/visits", operation_id="visit_record", status_code=201)
async def visit_record(
    body: VisitCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.VISIT_RECORD)]
) -> VisitRead:
    """Record a visit; it meets every duty that stands on its day, and is the check of guardianship that it asks for."""
    return _answer(response, await record_visit(unit, body))


@router.get("/households/{household_id}/visits", operation_id="visit_list")
async def visit_list(
    household_id: UUID, query: Annotated[VisitQuery, Query()], unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]
) -> VisitPage:
    """List a household's visits."""
    return await list_visits(unit, household_id, query)


@router.get("/visits/{visit_id}", operation_id="visit_read")
async def visit_read(
    visit_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]
) -> VisitRead:
    """Read one visit and the duties that it met."""
    return _answer(response, await read_visit(unit, visit_id))


@router.get("/visits/{visit_id}/history", operation_id="visit_history")
async def visit_past(visit_id: UUID, unit: Annotated[UnitOfWork, reads(may.VISIT_READ)]) -> VisitVersions:
    """What a visit said before each amendment."""
    return await visit_history(unit, visit_id)


@router.patch("/visits/{visit_id}", operation_id="visit_amend")
@needs_version
async def visit_amend(
    visit_id: UUID,
    body: VisitAmend,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.VISIT_RECORD)],
) -> VisitRead:
    """Correct a visit; what it said before is kept."""
    return _answer(response, await amend_visit(unit, visit_id, body, version=expected_version(request)))


@router.post("/visits/{visit_id}/void", operation_id="visit_void")
@needs_version
async def visit_void(
    visit_id: UUID,
    body: VisitVoid,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.VISIT_RECORD)],
) -> VisitRead:
    """Let a visit no longer count; what it had met is due again."""
    return _answer(response, await void_visit(unit, visit_id, body, version=expected_version(request)))


def _answer(response: Response, visit: VisitRead) -> VisitRead:
    response.headers["ETag"] = etag(visit.version)
    return visit
