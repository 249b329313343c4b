"""Entitlements over HTTP. Policies are drafted, tried and put into force by the routes of rules."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotAllowed
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.security.scope import Level, level_of
from services.monitoring import permissions as may
from services.monitoring.entitlements.actions.explain import explain_gap
from services.monitoring.entitlements.jobs import request_compute
from services.monitoring.entitlements.queries.sheet import list_gaps, person_sheet
from services.monitoring.entitlements.schemas import (
    ComputeRead,
    ComputeRequest,
    EntitlementRead,
    EntitlementSheet,
    GapExplain,
    GapPage,
    GapQuery,
    SheetQuery,
)

router = service_router("entitlements")


@router.get("/persons/{person_id}/entitlements", operation_id="entitlement_sheet")
async def entitlement_sheet(
    person_id: UUID,
    query: Annotated[SheetQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.ENTITLEMENT_READ)],
) -> EntitlementSheet:
    """A person's sheet: what is due, received and missing, and which department owes it."""
    return await person_sheet(unit, person_id, query, language=language_of(request))


@router.get("/entitlement-gaps", operation_id="entitlement_gap_list")
async def entitlement_gap_list(
    query: Annotated[GapQuery, Query()], request: Request, unit: Annotated[UnitOfWork, reads(may.ENTITLEMENT_READ)]
) -> GapPage:
    """List the gaps that departments owe, the oldest first."""
    return await list_gaps(unit, query, language=language_of(request))


@router.post("/entitlements/{entitlement_id}/explain", operation_id="entitlement_explain")
@needs_version
async def entitlement_explain(
    entitlement_id: UUID,
    body: GapExplain,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.ENTITLEMENT_EXPLAIN)],
) -> EntitlementRead:
    """Say why nothing is owed though the policy's condition holds."""
    version, language = expected_version(request), language_of(request)
    explained = await explain_gap(unit, entitlement_id, body, version=version, language=language)
    response.headers["ETag"] = etag(explained.version)
    return explained


@router.post("/entitlement-runs", operation_id="entitlement_compute", status_code=202)
async def entitlement_compute(
    _body: ComputeRequest, unit: Annotated[UnitOfWork, writes(may.ENTITLEMENT_COMPUTE)]
) -> ComputeRead:
    """Look anew at what is due in your county."""
    county, today = unit.actor.assignment.region, unit.clock.today()
    if level_of(county) is not Level.COUNTY:
        raise NotAllowed(Message("请以县级任职申请核对。", "Act in a county's post to ask for a look."))
    return ComputeRead(job_id=await request_compute(unit, county, today), region=county, as_of=today)
