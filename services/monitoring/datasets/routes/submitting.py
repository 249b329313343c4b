"""Files coming in over HTTP: a batch's own and the corrected ones that join it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Received, StoredFile
from chassis.files.media import TABLES
from chassis.files.schemas import FileQuery
from chassis.http.acting import writes
from chassis.http.edge import edge_of
from chassis.http.language import language_of
from chassis.http.routers import service_router
from chassis.http.uploads import body_bytes, receive_file, receives
from chassis.program import program_of
from services.monitoring import permissions as may
from services.monitoring.datasets.actions.correct import correct_submission
from services.monitoring.datasets.actions.submit import Keep, submit_file
from services.monitoring.datasets.schemas import SubmitQuery, Submitted

router = service_router("submissions")
PURPOSE: Final = "dataset"
FILE_BYTES_MAX: Final = 64 << 20
_BODY: Final = body_bytes(FILE_BYTES_MAX)


@router.post("/datasets/{code}/submissions", operation_id="submission_create", status_code=202, max_body_size=_BODY)
async def submission_create(
    code: str,
    query: Annotated[SubmitQuery, Query()],
    request: Request,
    response: Response,
    received: Annotated[Received, receives(may.SUBMISSION_SEND, limit_bytes=FILE_BYTES_MAX, accepted=TABLES)],
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> Submitted:
    """Hand in a file for a period; it is read in the background.

    The same file again is answered (200) with its first batch and `repeated`.
    """
    edge_of(request).settle_body(program_of(request), received.sha256)
    keep = _keeper(request, unit, received)
    submitted = await submit_file(unit, code, query, received, keep, language=language_of(request))
    if submitted.repeated:
        response.status_code = 200
    return submitted


@router.post(
    "/submissions/{submission_id}/corrections",
    operation_id="submission_correct",
    status_code=202,
    max_body_size=_BODY,
)
async def submission_correct(
    submission_id: UUID,
    _query: Annotated[FileQuery, Query()],
    request: Request,
    received: Annotated[Received, receives(may.SUBMISSION_SEND, limit_bytes=FILE_BYTES_MAX, accepted=TABLES)],
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> Submitted:
    """Hand in the mended sheet of rejected rows; it joins the same batch."""
    edge_of(request).settle_body(program_of(request), received.sha256)
    keep = _keeper(request, unit, received)
    return await correct_submission(unit, submission_id, keep, language=language_of(request))


def _keeper(request: Request, unit: UnitOfWork, received: Received) -> Keep:
    async def keep(county: int, days: int) -> StoredFile:
        return await receive_file(request, unit, received, purpose=PURPOSE, keep_days=days, region=county)

    return keep
