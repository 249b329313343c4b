"""The public form, its receipt, and the town's list over HTTP."""

from __future__ import annotations

import os
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import TooManyRequests
from chassis.http.acting import writes
from chassis.http.answers import may_answer
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from chassis.program import program_of
from services.monitoring import permissions as may
from services.monitoring.clues.actions.hand_on import hand_on_self_report, take_up_self_report
from services.monitoring.clues.actions.limit_reports import count_address, count_phone
from services.monitoring.clues.actions.self_report import match_self_report, take_self_report
from services.monitoring.clues.queries.receipts import self_report_status
from services.monitoring.clues.queries.self_reports import list_self_reports
from services.monitoring.clues.self_report_schemas import (
    SelfReportCreate,
    SelfReportHandOn,
    SelfReportMatch,
    SelfReportPage,
    SelfReportQuery,
    SelfReportRead,
    SelfReportReceipt,
    SelfReportStatus,
    SelfReportStatusQuery,
    SelfReportTakeUp,
)

router = service_router("self-reports")


@router.post("/self-reports", operation_id="self_report_create", status_code=201)
@may_answer(TooManyRequests)
async def self_report_create(body: SelfReportCreate, request: Request) -> SelfReportReceipt:
    """Tell of your own trouble, without signing in; keep the receipt."""
    program = program_of(request)
    await count_address(program, _address(request), body.region)
    if body.phone is not None:
        await count_phone(program, body.phone.value, body.region)
    return SelfReportReceipt(receipt=await take_self_report(program, body, random=os.urandom))


@router.post("/self-reports/status", operation_id="self_report_status")
@may_answer(TooManyRequests)
async def self_report_state(body: SelfReportStatusQuery, request: Request) -> SelfReportStatus:
    """Ask what became of your self-report, by its receipt."""
    program = program_of(request)
    await count_address(program, _address(request))
    return await self_report_status(program, body.receipt, language=language_of(request))


@router.get("/self-reports", operation_id="self_report_list")
async def self_report_list(
    query: Annotated[SelfReportQuery, Query()], unit: Annotated[UnitOfWork, writes(may.SELF_REPORT_READ)]
) -> SelfReportPage:
    """List the self-reports of your area; the read is kept in the audit log.

    Those of nobody here (`state=not_ours`) say why, without whole names and words: take one up to see it.
    """
    return await list_self_reports(unit, query)


@router.post("/self-reports/{report_id}/match", operation_id="self_report_match")
@needs_version
async def self_report_match(
    report_id: UUID,
    body: SelfReportMatch,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SELF_REPORT_MATCH)],
) -> SelfReportRead:
    """Say whose a self-report is, or that it is not ours."""
    return _told(response, await match_self_report(unit, report_id, body, version=expected_version(request)))


@router.post("/self-reports/{report_id}/take-up", operation_id="self_report_take_up")
@needs_version
async def self_report_take_up(
    report_id: UUID,
    body: SelfReportTakeUp,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SELF_REPORT_MATCH)],
) -> SelfReportRead:
    """Look again at a self-report that was said not to be ours; it waits to be matched."""
    return _told(response, await take_up_self_report(unit, report_id, body, version=expected_version(request)))


@router.post("/self-reports/{report_id}/hand-on", operation_id="self_report_hand_on")
@needs_version
async def self_report_hand_on(
    report_id: UUID,
    body: SelfReportHandOn,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SELF_REPORT_MATCH)],
) -> SelfReportRead:
    """Hand a self-report on to the town where the person lives, in another county too; it waits there."""
    return _told(response, await hand_on_self_report(unit, report_id, body, version=expected_version(request)))


def _told(response: Response, report: SelfReportRead) -> SelfReportRead:
    response.headers["ETag"] = etag(report.version)
    return report


def _address(request: Request) -> str:
    """Who asks: what our own gateway saw, which it adds last; only the gateway reaches this service."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded[:64] or (request.client.host if request.client else "unknown")
