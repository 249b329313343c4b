"""Interview forms and filled ones over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.interviews.actions.countersign import countersign_interview, withdraw_interview
from services.monitoring.interviews.actions.record import record_interview
from services.monitoring.interviews.queries.catalogue import form_of, show_form, show_forms
from services.monitoring.interviews.queries.draft import draft_interview, prefilled_share
from services.monitoring.interviews.queries.held import interview_row, list_interviews, show_interview
from services.monitoring.interviews.schemas import (
    InterviewCreate,
    InterviewDraft,
    InterviewDraftQuery,
    InterviewFormQuery,
    InterviewFormRead,
    InterviewForms,
    InterviewRead,
    Interviews,
    InterviewWithdraw,
    PrefilledShare,
    PrefilledShareQuery,
)

router = service_router("interviews")


@router.get("/interview-forms", operation_id="interview_form_list")
@reference_data
async def interview_form_list(
    request: Request, _unit: Annotated[UnitOfWork, reads(may.INTERVIEW_READ)]
) -> InterviewForms:
    """List every version of every form."""
    return show_forms(language=language_of(request))


@router.get("/interview-forms/{code}", operation_id="interview_form_read")
@reference_data
async def interview_form_read(
    code: str,
    query: Annotated[InterviewFormQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.INTERVIEW_READ)],
) -> InterviewFormRead:
    """Read a form's questions, of a version or of the one in force on a day."""
    form = form_of(code, version=query.version, on=query.on or unit.clock.today())
    return show_form(form, language=language_of(request))


@router.get("/interview-forms/{code}/prefilled-share", operation_id="interview_prefilled_share")
async def interview_prefilled_share(
    code: str,
    query: Annotated[PrefilledShareQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.INTERVIEW_READ)],
) -> PrefilledShare:
    """How many fields of an area's interviews an office knew, so that nobody had to type them."""
    return await prefilled_share(unit, code, query)


@router.get("/households/{household_id}/interview-draft", operation_id="interview_draft")
async def interview_draft(
    household_id: UUID,
    query: Annotated[InterviewDraftQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.INTERVIEW_RECORD)],
) -> InterviewDraft:
    """A form prepared for a household: what is known stands in it, the rest is open."""
    return await draft_interview(unit, household_id, query)


@router.post("/households/{household_id}/interviews", operation_id="interview_record", status_code=201)
async def interview_record(
    household_id: UUID,
    body: InterviewCreate,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.INTERVIEW_RECORD)],
) -> InterviewRead:
    """Hand in a filled form; the other verifier countersigns it."""
    interview = await record_interview(unit, household_id, body, language=language_of(request))
    response.headers["ETag"] = etag(interview.version)
    return interview


@router.get("/households/{household_id}/interviews", operation_id="interview_list")
async def interview_list(household_id: UUID, unit: Annotated[UnitOfWork, reads(may.INTERVIEW_READ)]) -> Interviews:
    """List a household's filled forms, the newest first."""
    return await list_interviews(unit, household_id)


@router.get("/interviews/{interview_id}", operation_id="interview_read")
async def interview_read(
    interview_id: UUID,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.INTERVIEW_READ)],
) -> InterviewRead:
    """Read a filled form."""
    interview = show_interview(unit, await interview_row(unit, interview_id), language=language_of(request))
    response.headers["ETag"] = etag(interview.version)
    return interview


@router.post("/interviews/{interview_id}/countersign", operation_id="interview_countersign")
@needs_version
async def interview_countersign(
    interview_id: UUID,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.INTERVIEW_RECORD)],
) -> InterviewRead:
    """Confirm a form as its second person."""
    version, language = expected_version(request), language_of(request)
    interview = await countersign_interview(unit, interview_id, version=version, language=language)
    response.headers["ETag"] = etag(interview.version)
    return interview


@router.post("/interviews/{interview_id}/withdraw", operation_id="interview_withdraw")
@needs_version
async def interview_withdraw(
    interview_id: UUID,
    body: InterviewWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.INTERVIEW_RECORD)],
) -> InterviewRead:
    """Take back a form that was filled wrongly, before its second person confirmed it."""
    version, language = expected_version(request), language_of(request)
    interview = await withdraw_interview(unit, interview_id, body, version=version, language=language)
    response.headers["ETag"] = etag(interview.version)
    return interview
