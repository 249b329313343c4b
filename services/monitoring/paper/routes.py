"""Papers over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.exports.encoders import MEDIA_TYPES, ExportFormat
from chassis.files.files import Files
from chassis.files.routes import file_response
from chassis.http.acting import reads, writes
from chassis.http.routers import service_router
from chassis.paper.typesetting import PDF, paper_response
from chassis.program import program_of
from services.monitoring import permissions as may
from services.monitoring.paper.actions.print_papers import export_rows, print_papers
from services.monitoring.paper.actions.request_file import find_file, request_file
from services.monitoring.paper.job import TITLE
from services.monitoring.paper.queries.public import print_public_list
from services.monitoring.paper.schemas import PaperFileAccepted, PaperPrint, PaperSelection

router = service_router("papers")
_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {PDF: {}}}}
_CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {MEDIA_TYPES[ExportFormat.CSV]: {}}}}


@router.post("/papers", operation_id="paper_print", response_class=Response, responses=_PDF)
async def paper_print(
    body: PaperPrint, request: Request, unit: Annotated[UnitOfWork, writes(may.PAPER_PRINT)]
) -> Response:
    """Print forms, cards and sheets of households in one PDF; who prints for whom is kept in the audit log."""
    documents = await print_papers(unit, body)
    return paper_response(program_of(request), documents, title=TITLE, name="papers", sample=body.sample)


@router.post("/paper-files", operation_id="paper_file_request", status_code=202)
async def paper_file_request(
    body: PaperPrint, response: Response, unit: Annotated[UnitOfWork, writes(may.PAPER_PRINT)]
) -> PaperFileAccepted:
    """Ask for the papers of many households, such as a village's, in one file that a job makes."""
    accepted = await request_file(unit, body)
    response.headers["Location"] = f"/v1/monitoring/jobs/{accepted.job_id}"
    return accepted


@router.get("/paper-files/{job_id}", operation_id="paper_file_fetch", response_class=StreamingResponse, responses=_PDF)
async def paper_file_fetch(
    job_id: UUID, request: Request, unit: Annotated[UnitOfWork, writes(may.PAPER_PRINT)]
) -> StreamingResponse:
    """Fetch a file of papers that was asked for in your area, again if need be; each fetch is kept in the audit log."""
    files = Files.of(program_of(request))
    return file_response(files, await find_file(unit, files, job_id))


@router.post("/papers/national-rows", operation_id="paper_export", response_class=Response, responses=_CSV)
async def paper_export(body: PaperSelection, unit: Annotated[UnitOfWork, writes(may.PAPER_PRINT)]) -> Response:
    """Export households in the national form's order of columns, one member a row; kept in the audit log."""
    headers = {
        "Content-Disposition": 'attachment; filename="national-rows.csv"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(await export_rows(unit, body), headers=headers, media_type=MEDIA_TYPES[ExportFormat.CSV])


@router.get("/public-lists/{list_id}/paper", operation_id="public_list_print", response_class=Response, responses=_PDF)
async def public_list_print(
    list_id: UUID, request: Request, unit: Annotated[UnitOfWork, reads(may.PAPER_PRINT)]
) -> Response:
    """Print a public list as it hangs in its village: names, types and reasons that tell of nobody's health."""
    document = await print_public_list(unit, list_id)
    return paper_response(program_of(request), [document], title="公示名单", name="public-list", sample=False)
