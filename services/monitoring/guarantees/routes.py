"""Guarantees over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.guarantees.actions.record import record_checks, withdraw_check
from services.monitoring.guarantees.queries.listing import list_checks, read_check, read_guarantees
from services.monitoring.guarantees.schemas import (
    GuaranteeCheckPage,
    GuaranteeCheckQuery,
    GuaranteeCheckRead,
    GuaranteeChecksCreate,
    GuaranteeChecksRead,
    GuaranteeCheckWithdraw,
    GuaranteesQuery,
    GuaranteesRead,
)

router = service_router("guarantees")


@router.get("/households/{household_id}/guarantees", operation_id="guarantees_read")
async def guarantees_read(
    household_id: UUID,
    query: Annotated[GuaranteesQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.GUARANTEE_READ)],
) -> GuaranteesRead:
    """Which guarantees hold on a day, which are unsolved, what nobody checked, and what departments say already."""
    return await read_guarantees(unit, household_id, query)


@router.get("/households/{household_id}/guarantee-checks", operation_id="guarantee_check_list")
async def guarantee_check_list(
    household_id: UUID,
    query: Annotated[GuaranteeCheckQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.GUARANTEE_READ)],
) -> GuaranteeCheckPage:
    """List a household's checks by day."""
    return await list_checks(unit, household_id, query)


@router.post("/households/{household_id}/guarantee-checks", operation_id="guarantee_check_record", status_code=201)
async def guarantee_check_record(
    household_id: UUID, body: GuaranteeChecksCreate, unit: Annotated[UnitOfWork, writes(may.GUARANTEE_RECORD)]
) -> GuaranteeChecksRead:
    """Record checks of a household's guarantees, all or none."""
    return await record_checks(unit, household_id, body)


@router.get("/guarantee-checks/{check_id}", operation_id="guarantee_check_read")
async def guarantee_check_read(
    check_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.GUARANTEE_READ)]
) -> GuaranteeCheckRead:
    """Read one check."""
    check = await read_check(unit, check_id)
    response.headers["ETag"] = etag(check.version)
    return check


@router.post("/guarantee-checks/{check_id}/withdraw", operation_id="guarantee_check_withdraw")
@needs_version
async def guarantee_check_withdraw(
    check_id: UUID,
    body: GuaranteeCheckWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.GUARANTEE_RECORD)],
) -> GuaranteeCheckRead:
    """Let a check no longer count; the answer before it holds again."""
    check = await withdraw_check(unit, check_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(check.version)
    return check
