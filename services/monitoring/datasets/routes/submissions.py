"""Batches and their rows over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.media import Media
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, is_unchanged, needs_version
from chassis.http.routers import service_router
from chassis.tabular import Format
from services.monitoring import permissions as may
from services.monitoring.datasets.actions.decide import decide_row
from services.monitoring.datasets.actions.withdraw import withdraw_submission
from services.monitoring.datasets.queries.rows import list_rows, rejected_file
from services.monitoring.datasets.queries.submissions import list_submissions, show_submission, submission_row
from services.monitoring.datasets.routes.catalogue import attachment
from services.monitoring.datasets.schemas import (
    RejectedFormat,
    RowDecide,
    RowPage,
    RowQuery,
    RowRead,
    SubmissionPage,
    SubmissionQuery,
    SubmissionRead,
    SubmissionWithdraw,
)

router = service_router("submissions")
MEDIA: Final = {Format.CSV: Media.CSV, Format.XLSX: Media.XLSX, Format.NDJSON: Media.NDJSON}
FILES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {media.value: {} for media in MEDIA.values()}}}


@router.get("/submissions", operation_id="submission_list")
async def submission_list(
    query: Annotated[SubmissionQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> SubmissionPage:
    """List batches, the newest first; a department's clerk sees those of the department."""
    return await list_submissions(unit, query, language=language_of(request))


@router.get("/submissions/{submission_id}", operation_id="submission_get", response_model=SubmissionRead)
async def submission_get(
    submission_id: UUID, request: Request, unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)]
) -> Response:
    """Read a batch with its counts."""
    row = await submission_row(unit, submission_id)
    headers = {"ETag": etag(row.version), "Vary": "Accept-Language"}
    if is_unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = show_submission(row, language=language_of(request)).model_dump_json()
    return Response(content, headers=headers, media_type="application/json")


@router.get("/submissions/{submission_id}/rows", operation_id="submission_row_list")
async def submission_row_list(
    submission_id: UUID,
    query: Annotated[RowQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> RowPage:
    """List the rows of a batch with their fates; `fate=unmatched` is what a clerk decides on."""
    return await list_rows(unit, submission_id, query, language=language_of(request))


@router.get(
    "/submissions/{submission_id}/rejected",
    operation_id="submission_rejected_download",
    response_class=Response,
    responses=FILES,
)
async def submission_rejected_download(
    submission_id: UUID,
    query: Annotated[RejectedFormat, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> Response:
    """Download the rejected rows in your own columns, with the reason beside each; mend it and hand it in again."""
    wanted = None if query.format is None else Format(query.format)
    content, form = await rejected_file(unit, submission_id, wanted, language=language_of(request))
    return attachment(content, MEDIA[form], f"rejected-{submission_id}.{MEDIA[form].extension}")


@router.post("/submissions/{submission_id}/rows/{row_number}/decide", operation_id="submission_row_decide")
@needs_version
async def submission_row_decide(
    submission_id: UUID,
    row_number: int,
    body: RowDecide,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> RowRead:
    """Decide who an unmatched row is about, or that it is about nobody of the county."""
    version, language = expected_version(request), language_of(request)
    row = await decide_row(unit, submission_id, row_number, body, version=version, language=language)
    response.headers["ETag"] = etag(row.version)
    return row


@router.post("/submissions/{submission_id}/withdraw", operation_id="submission_withdraw")
@needs_version
async def submission_withdraw(
    submission_id: UUID,
    body: SubmissionWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> SubmissionRead:
    """Take a batch back: nothing of it counts any more."""
    version, language = expected_version(request), language_of(request)
    batch = await withdraw_submission(unit, submission_id, body, version=version, language=language)
    response.headers["ETag"] = etag(batch.version)
    return batch
