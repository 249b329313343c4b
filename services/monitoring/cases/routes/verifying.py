"""A case on its way to its village and through verification, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.actions.amend import redispatch
from services.monitoring.cases.actions.verify import confirm_verification, misroute, record_verification
from services.monitoring.cases.actions.verify_by_interview import verify_by_interview
from services.monitoring.cases.schemas.doing import (
    CaseNote,
    CaseRedispatch,
    InterviewVerification,
    VerificationCreate,
    VerificationSecond,
)
from services.monitoring.cases.schemas.reading import CaseRow

router = service_router("cases")


@router.post("/cases/{case_id}/misroute", operation_id="case_misroute")
@needs_version
async def case_misroute(
    case_id: UUID,
    body: CaseNote,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Send a case back to the county: it is not of this village. Its clock runs on."""
    return answer(response, await misroute(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/redispatch", operation_id="case_redispatch")
@needs_version
async def case_redispatch(
    case_id: UUID,
    body: CaseRedispatch,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DISPATCH)],
) -> CaseRow:
    """Send a case that came back to the village where its household is managed now."""
    return answer(response, await redispatch(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/verifications", operation_id="case_record_verification")
@needs_version
async def case_record_verification(
    case_id: UUID,
    body: VerificationCreate,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Record what you found at the household; a second person then confirms it."""
    return answer(response, await record_verification(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/second", operation_id="case_second")
@needs_version
async def case_second(
    case_id: UUID,
    body: VerificationSecond,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Say, as the second person, whether what the first one recorded is so."""
    return answer(response, await confirm_verification(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/interview-verification", operation_id="case_verify_by_interview")
@needs_version
async def case_verify_by_interview(
    case_id: UUID,
    body: InterviewVerification,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_VERIFY)],
) -> CaseRow:
    """Let a countersigned form count as the verification by its two signers."""
    return answer(response, await verify_by_interview(unit, case_id, body, version=expected_version(request)))


def answer(response: Response, case: CaseRow) -> CaseRow:
    """The case, with its version as ETag."""
    response.headers["ETag"] = etag(case.version)
    return case
