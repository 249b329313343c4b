"""Objections, returns, refusals by the household and other ends of a case, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import writes
from chassis.http.preconditions import expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.actions.decide import resume
from services.monitoring.cases.actions.end import decline, end_naturally, remove
from services.monitoring.cases.actions.object import settle_objection, take_objection
from services.monitoring.cases.actions.tell import tell
from services.monitoring.cases.routes.verifying import answer
from services.monitoring.cases.schemas.doing import (
    CaseDecline,
    CaseEnd,
    CaseNote,
    CaseRemove,
    ObjectionCreate,
    ObjectionSettle,
)
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.schemas.telling import NoticeCreate, NoticeRead

router = service_router("cases")


@router.post("/cases/{case_id}/objections", operation_id="case_object")
@needs_version
async def case_object(
    case_id: UUID,
    body: ObjectionCreate,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_PUBLISH)],
) -> CaseRow:
    """Take down what somebody of the village objects."""
    return answer(response, await take_objection(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/settle-objection", operation_id="case_settle_objection")
@needs_version
async def case_settle_objection(
    case_id: UUID,
    body: ObjectionSettle,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_TOWN)],
) -> CaseRow:
    """Uphold an objection: the household is verified again. Or dismiss it: the list hangs for the days left."""
    return answer(response, await settle_objection(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/resume", operation_id="case_resume")
@needs_version
async def case_resume(
    case_id: UUID,
    body: CaseNote,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Take a returned case up again from the state that the return named."""
    return answer(response, await resume(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/decline", operation_id="case_decline")
@needs_version
async def case_decline(
    case_id: UUID,
    body: CaseDecline,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Record that the household does not want to be registered, and signed so."""
    return answer(response, await decline(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/remove", operation_id="case_remove")
@needs_version
async def case_remove(
    case_id: UUID,
    body: CaseRemove,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)],
) -> CaseRow:
    """Remove a case that was registered by mistake."""
    return answer(response, await remove(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/end-naturally", operation_id="case_end_naturally")
@needs_version
async def case_end_naturally(
    case_id: UUID,
    body: CaseEnd,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)],
) -> CaseRow:
    """End a case of whose household nobody is left here."""
    return answer(response, await end_naturally(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/notices", operation_id="case_tell", status_code=201)
async def case_tell(
    case_id: UUID, body: NoticeCreate, unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)]
) -> NoticeRead:
    """Record that the household was told that its case came to nothing; it may apply again any time."""
    return await tell(unit, case_id, body)
