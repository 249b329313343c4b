"""The register and the help, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import writes
from chassis.http.preconditions import expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.cases.actions.amend import amend
from services.monitoring.cases.actions.help import begin_help, mark_urgent
from services.monitoring.cases.actions.register import register_case
from services.monitoring.cases.routes.verifying import answer
from services.monitoring.cases.schemas.doing import CaseAmend, CaseHelp, CaseNote
from services.monitoring.cases.schemas.reading import CaseRow

router = service_router("cases")


@router.post("/cases/{case_id}/mark-urgent", operation_id="case_mark_urgent")
@needs_version
async def case_mark_urgent(
    case_id: UUID,
    body: CaseNote,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_TOWN)],
) -> CaseRow:
    """Open the green channel: help first, papers after."""
    return answer(response, await mark_urgent(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/help", operation_id="case_help")
@needs_version
async def case_help(
    case_id: UUID,
    body: CaseHelp,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_REGISTER)],
) -> CaseRow:
    """Name who helps and since when; an urgent case may be helped before it is registered."""
    return answer(response, await begin_help(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/amend", operation_id="case_amend")
@needs_version
async def case_amend(
    case_id: UUID,
    body: CaseAmend,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CASE_DECIDE_COUNTY)],
) -> CaseRow:
    """Amend a registered case, with the reason."""
    return answer(response, await amend(unit, case_id, body, version=expected_version(request)))


@router.post("/cases/{case_id}/register", operation_id="case_register")
@needs_version
async def case_register(
    case_id: UUID, request: Request, response: Response, unit: Annotated[UnitOfWork, writes(may.CASE_REGISTER)]
) -> CaseRow:
    """Register a household that the county approved; type, basis and line are computed from what is on record."""
    return answer(response, await register_case(unit, case_id, version=expected_version(request)))
