"""Comparisons over HTTP; their case opens and closes them."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import UnsupportedMedia
from chassis.files.media import Media
from chassis.http.acting import reads, writes
from chassis.http.answers import may_answer
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.http.trace import trace_id_of
from chassis.operations.refusals import Refusals
from chassis.tabular import Format
from services.monitoring import permissions as may
from services.monitoring.comparisons.actions.answer import answer_request, answer_requests
from services.monitoring.comparisons.actions.answer_sheet import answer_sheet
from services.monitoring.comparisons.actions.reveal import reveal_persons
from services.monitoring.comparisons.actions.silence import record_silence
from services.monitoring.comparisons.queries.listing import list_requests
from services.monitoring.comparisons.queries.one import read_request
from services.monitoring.comparisons.queries.sheet import waiting_sheet
from services.monitoring.comparisons.schemas import (
    AnswerFates,
    ComparisonAnswer,
    ComparisonAnswers,
    ComparisonPage,
    ComparisonQuery,
    ComparisonRequestRead,
    ComparisonReveal,
    RevealedPersons,
    SheetFates,
    SheetQuery,
)
from services.monitoring.comparisons.sheet import LIMITS
from services.monitoring.datasets.routes.catalogue import attachment

router = service_router("comparisons")

_SHEET: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The table that was downloaded, filled; XLSX or CSV.",
        "content": {
            Media.XLSX.value: {"schema": {"type": "string", "format": "binary"}},
            Media.CSV.value: {"schema": {"type": "string"}},
        },
    }
}


@router.get("/comparison-requests", operation_id="comparison_list")
async def comparison_list(
    query: Annotated[ComparisonQuery, Query()], unit: Annotated[UnitOfWork, reads(may.COMPARISON_READ)]
) -> ComparisonPage:
    """List requests of your area, or of your department, the earliest due first."""
    return await list_requests(unit, query)


@router.post("/comparison-requests/answers", operation_id="comparison_answer_many")
async def comparison_answer_many(
    body: ComparisonAnswers, request: Request, unit: Annotated[UnitOfWork, writes(may.COMPARISON_ANSWER)]
) -> AnswerFates:
    """Answer many requests of your department; each has a fate of its own."""
    refusals = Refusals(language_of(request), request.scope["path"], trace_id_of(request.scope))
    return await answer_requests(unit, body.answers, refusals)


@router.get("/comparison-requests/{request_id}", operation_id="comparison_read")
async def comparison_read(
    request_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.COMPARISON_READ)]
) -> ComparisonRequestRead:
    """Read a request with what your own files say and what was answered."""
    found = await read_request(unit, request_id)
    response.headers["ETag"] = etag(found.version)
    return found


@router.post("/comparison-requests/{request_id}/reveal", operation_id="comparison_reveal")
async def comparison_reveal(
    request_id: UUID, body: ComparisonReveal, unit: Annotated[UnitOfWork, writes(may.COMPARISON_ANSWER)]
) -> RevealedPersons:
    """Names and ID numbers of whom an open request is about; the read is kept in the audit log."""
    return await reveal_persons(unit, request_id, body)


@router.post("/comparison-requests/{request_id}/answer", operation_id="comparison_answer")
@needs_version
async def comparison_answer(
    request_id: UUID,
    body: ComparisonAnswer,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.COMPARISON_ANSWER)],
) -> ComparisonRequestRead:
    """Answer a request of your department: what was shown is right, differs, or nothing is known."""
    found = await answer_request(unit, request_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(found.version)
    return found


@router.post("/comparison-requests/{request_id}/record-silence", operation_id="comparison_record_silence")
@needs_version
async def comparison_silence(
    request_id: UUID,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.COMPARISON_RECORD_SILENCE)],
) -> ComparisonRequestRead:
    """Record that the department did not answer by its due; the county goes on without it."""
    found = await record_silence(unit, request_id, version=expected_version(request))
    response.headers["ETag"] = etag(found.version)
    return found


@router.get(
    "/comparison-sheet",
    operation_id="comparison_sheet_download",
    response_class=Response,
    responses={200: {"content": {Media.XLSX.value: {}, Media.CSV.value: {}}}},
)
async def comparison_sheet_download(
    query: Annotated[SheetQuery, Query()], unit: Annotated[UnitOfWork, writes(may.COMPARISON_ANSWER)]
) -> Response:
    """Download what waits for your department as a table to fill, with names and numbers; the read is audited."""
    media = Media.XLSX if query.form == "xlsx" else Media.CSV
    content = await waiting_sheet(unit, Format(query.form), query.purpose)
    return attachment(content, media, f"comparison-requests.{query.form}")


@router.post(
    "/comparison-sheet",
    operation_id="comparison_sheet_answer",
    openapi_extra=_SHEET,
    max_body_size=LIMITS.file_bytes_max,
)
@may_answer(UnsupportedMedia)
async def comparison_sheet_answer(
    request: Request, unit: Annotated[UnitOfWork, writes(may.COMPARISON_ANSWER)]
) -> SheetFates:
    """Hand the filled table in; each request in it is answered, refused, or waits on if nothing was filled."""
    refusals = Refusals(language_of(request), request.scope["path"], trace_id_of(request.scope))
    return await answer_sheet(unit, await request.body(), refusals)
