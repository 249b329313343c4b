"""Consents over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.responses import StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files
from chassis.files.routes import file_response
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.program import program_of
from services.monitoring import permissions as may
from services.monitoring.consents.actions.record import record_consent
from services.monitoring.consents.actions.withdraw import withdraw_consent
from services.monitoring.consents.queries.listing import consent_row, list_consents, read_sheet, show_consent
from services.monitoring.consents.schemas import ConsentCreate, ConsentQuery, ConsentRead, Consents, ConsentWithdraw

router = service_router("consents")


@router.post("/households/{household_id}/consents", operation_id="consent_record", status_code=201)
async def consent_record(
    household_id: UUID,
    body: ConsentCreate,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CONSENT_RECORD)],
) -> ConsentRead:
    """Record a commitment or an inquiry authorisation that a household signed or gave by telephone or video."""
    consent = await record_consent(unit, household_id, body)
    response.headers["ETag"] = etag(consent.version)
    return consent


@router.get("/households/{household_id}/consents", operation_id="consent_list")
async def consent_list(
    household_id: UUID,
    query: Annotated[ConsentQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.CONSENT_READ)],
) -> Consents:
    """List a household's consents and whether each counts on a day."""
    return await list_consents(unit, household_id, query)


@router.get("/consents/{consent_id}", operation_id="consent_read")
async def consent_read(
    consent_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.CONSENT_READ)]
) -> ConsentRead:
    """Read a consent."""
    consent = show_consent(unit, await consent_row(unit, consent_id), on=unit.clock.today())
    response.headers["ETag"] = etag(consent.version)
    return consent


@router.get(
    "/consents/{consent_id}/sheet",
    operation_id="consent_sheet",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def consent_sheet(
    consent_id: UUID, request: Request, unit: Annotated[UnitOfWork, writes(may.CONSENT_SHEET_READ)]
) -> Response:
    """The signed sheet as it was handed in; the read is kept in the audit log."""
    files = Files.of(program_of(request))
    return file_response(files, await read_sheet(unit, files, consent_id))


@router.post("/consents/{consent_id}/withdraw", operation_id="consent_withdraw")
@needs_version
async def consent_withdraw(
    consent_id: UUID,
    body: ConsentWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CONSENT_RECORD)],
) -> ConsentRead:
    """Record that the household takes its consent back."""
    consent = await withdraw_consent(unit, consent_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(consent.version)
    return consent
