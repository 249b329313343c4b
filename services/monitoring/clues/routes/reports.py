"""Cadres' reports over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.hot import HotWrite, hot_writes
from chassis.http.hot_route import HotRoute
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.clues.actions.report import report_household
from services.monitoring.clues.queries.one import read_report
from services.monitoring.clues.schemas import ReportCreate, ReportRead, ReportState

router = service_router("clues")
hot = service_router("clues", route_class=HotRoute)


@hot.post("/reports", operation_id="report_create", status_code=201, response_model=ReportRead)
async def report_create(body: ReportCreate, write: Annotated[HotWrite, hot_writes(may.CLUE_REPORT)]) -> Response:
    """Report what you saw at a household; it raises a clue or joins the open one."""
    return await report_household(write, body)


@router.get("/reports/{report_id}", operation_id="report_read")
async def report_read(report_id: UUID, unit: Annotated[UnitOfWork, reads(may.REPORT_READ)]) -> ReportState:
    """Read a report and what became of it."""
    return await read_report(unit, report_id)
