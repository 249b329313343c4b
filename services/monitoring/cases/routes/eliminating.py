"""The way out of the register, over HTTP; the steps between are those of the entry."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.responses import StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files
from chassis.files.routes import file_response
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.program import program_of
from services.monitoring import permissions as may
from services.monitoring.cases.actions.eliminate import eliminate, follow_up, propose
from services.monitoring.cases.queries.elimination import read_elimination
from services.monitoring.cases.queries.signatures import read_case_sheet
from services.monitoring.cases.routes.verifying import answer
from services.monitoring.cases.schemas.doing import CaseNote
from services.monitoring.cases.schemas.eliminating import (
    Eliminated,
    EliminationPropose,
    EliminationQuery,
    EliminationRead,
)
from services.monitoring.cases.schemas.reading import CaseRow

router = service_router("cases")


@router.get("/cases/{case_id}/elimination", operation_id="case_elimination_read")
async def case_elimination_read(
    case_id: UUID,
    query: Annotated[EliminationQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.CASE_ELIMINATE)],
) -> EliminationRead:
    """Ask beforehand: every guard of an elimination with its figures, and what would satisfy it."""
    return await read_elimination(unit, case_id, query, language=language_of(request))


@router.post("/cases/{case_id}/propose-elimination", operation_id="case_propose_elimination")
@needs_version
async def case_propose_elimination(
    case_id: UUID,
    body: EliminationPropose,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_ELIMINATE)],
) -> CaseRow:
    """Propose to mark the household's risk as eliminated; every guard has to hold today."""
    return answer(response, await propose(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/eliminate", operation_id="case_eliminate")
@needs_version
async def case_eliminate(
    case_id: UUID, request: Request, response: Response, unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)]
) -> Eliminated:
    """Mark the risk as eliminated, today, after the county's approval; says which measures run on."""
    done = await eliminate(unit, case_id, version=expected_version(request))
    response.headers["ETag"] = etag(done.version)
    return done


@router.post("/cases/{case_id}/follow-up", operation_id="case_follow_up")
@needs_version
async def case_follow_up(
    case_id: UUID,
    body: CaseNote,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_ELIMINATE)],
) -> CaseRow:
    """Begin the follow-up of an eliminated household; else it begins by itself after the area's days."""
    return answer(response, await follow_up(unit, case_id, body, version=expected_version(request)))


@router.get(
    "/cases/{case_id}/signatures/{signature_id}/sheet",
    operation_id="case_signature_sheet",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def case_signature_sheet(
    case_id: UUID,
    signature_id: UUID,
    request: Request,
    unit: Annotated[UnitOfWork, writes(may.CONSENT_SHEET_READ)],
) -> Response:
    """The sheet that the household signed, as it was handed in; the read is kept in the audit log."""
    files = Files.of(program_of(request))
    return file_response(files, await read_case_sheet(unit, files, case_id, signature_id))
