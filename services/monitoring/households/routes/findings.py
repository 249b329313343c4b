"""Findings and clash tasks over HTTP."""

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
from services.monitoring.households.actions.settle import settle_finding
from services.monitoring.households.actions.settle_clash import settle_clash
from services.monitoring.households.queries.findings import list_clashes, list_findings
from services.monitoring.households.schemas.findings import (
    ClashPage,
    ClashQuery,
    ClashRead,
    ClashSettle,
    FindingPage,
    FindingQuery,
    FindingRead,
    FindingSettle,
)

router = service_router("findings")


@router.get("/findings", operation_id="finding_list")
async def finding_list(
    query: Annotated[FindingQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)],
) -> FindingPage:
    """List the doubts about the data of your area."""
    return await list_findings(unit, query, language=language_of(request))


@router.post("/findings/{finding_id}/settle", operation_id="finding_settle")
@needs_version
async def finding_settle(
    finding_id: UUID,
    body: FindingSettle,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.FINDING_SETTLE)],
) -> FindingRead:
    """Settle a finding as corrected or explained."""
    finding = await settle_finding(
        unit, finding_id, body, version=expected_version(request), language=language_of(request)
    )
    response.headers["ETag"] = etag(finding.version)
    return finding


@router.get("/clash-tasks", operation_id="clash_list")
async def clash_list(
    query: Annotated[ClashQuery, Query()], unit: Annotated[UnitOfWork, reads(may.CLASH_READ)]
) -> ClashPage:
    """List the registrations elsewhere of people who stand in your county."""
    return await list_clashes(unit, query)


@router.post("/clash-tasks/{task_id}/settle", operation_id="clash_settle")
@needs_version
async def clash_settle(
    task_id: UUID,
    body: ClashSettle,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.CLASH_SETTLE)],
) -> ClashRead:
    """Settle a clash task with what the county found."""
    task = await settle_clash(unit, task_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(task.version)
    return task
