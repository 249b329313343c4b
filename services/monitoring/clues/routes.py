"""Clues over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response

from chassis.http.application import service_router
from chassis.http.hot import HotWrite, hot_writes
from services.monitoring import permissions as may
from services.monitoring.clues.actions.report import report_household
from services.monitoring.clues.schemas import ReportCreate, ReportRead

router = service_router("clues")


@router.post("/reports", operation_id="report_create", status_code=201, response_model=ReportRead)
async def report_create(body: ReportCreate, write: Annotated[HotWrite, hot_writes(may.CLUE_REPORT)]) -> Response:
    """Report what you saw at a household; it raises a clue or joins the open one."""
    return await report_household(write, body)
