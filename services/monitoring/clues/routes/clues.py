"""The queue of clues, one clue, and its dismissal over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.schemas.telling import NoticeCreate, NoticeKept
from services.monitoring.clues.actions.dismiss import dismiss_clue
from services.monitoring.clues.actions.tell import tell_applicant
from services.monitoring.clues.queries.listing import list_clues
from services.monitoring.clues.queries.one import read_clue
from services.monitoring.clues.schemas import ClueDismiss, ClueDismissed, CluePage, ClueQuery, ClueRead

router = service_router("clues")


@router.get("/clues", operation_id="clue_list")
async def clue_list(
    query: Annotated[ClueQuery, Query()], unit: Annotated[UnitOfWork, reads(may.CLUE_READ)]
) -> CluePage:
    """List the clues of your area, the earliest due first."""
    return await list_clues(unit, query)


@router.get("/clues/{clue_id}", operation_id="clue_read")
async def clue_read(
    clue_id: UUID, request: Request, response: Response, unit: Annotated[UnitOfWork, reads(may.CLUE_READ)]
) -> ClueRead:
    """Read a clue and why each of its hits fired."""
    clue = await read_clue(unit, clue_id, language=language_of(request))
    response.headers["ETag"] = etag(clue.version)
    return clue


@router.post("/clues/{clue_id}/dismiss", operation_id="clue_dismiss")
@needs_version
async def clue_dismiss(
    clue_id: UUID,
    body: ClueDismiss,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CLUE_JUDGE)],
) -> ClueDismissed:
    """Dismiss an open clue; its facts stay silent until they grow or their time passes."""
    clue = await dismiss_clue(unit, clue_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(clue.version)
    return clue


@router.post("/clues/{clue_id}/notices", operation_id="clue_tell", status_code=201)
async def clue_tell(
    clue_id: UUID, body: NoticeCreate, unit: Annotated[UnitOfWork, writes(may.CLUE_TELL)]
) -> NoticeKept:
    """Record that whoever reported themselves was told, or told once more, that no case was made of it."""
    return await tell_applicant(unit, clue_id, body)
