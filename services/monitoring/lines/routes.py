"""Monitoring lines over HTTP: propose, confirm, take back, ask for the one in force."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.lines.actions.decide import confirm_line, propose_line, withdraw_line
from services.monitoring.lines.queries.rows import list_lines, read_effective_line
from services.monitoring.lines.schemas import (
    EffectiveLineQuery,
    EffectiveLineRead,
    LineCreate,
    LinePage,
    LineQuery,
    LineRead,
    LineWithdraw,
)

router = service_router("lines")


@router.post("/lines", operation_id="line_propose", status_code=201)
async def line_propose(
    body: LineCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.LINE_RECORD)]
) -> LineRead:
    """Propose a base line, a county's income, or its use of the 60 % rule; it holds once a second person confirms."""
    return _answer(response, await propose_line(unit, body))


@router.get("/lines", operation_id="line_list")
@reference_data
async def line_list(
    query: Annotated[LineQuery, Query()], unit: Annotated[UnitOfWork, reads(may.LINE_READ)]
) -> LinePage:
    """List the rows that lines are made of, around and within your area."""
    return await list_lines(unit, query)


@router.get("/lines/effective", operation_id="line_effective")
async def line_effective(
    query: Annotated[EffectiveLineQuery, Query()], unit: Annotated[UnitOfWork, reads(may.LINE_READ)]
) -> EffectiveLineRead:
    """The line of a county on a day, which of the two it is, and the papers behind it."""
    return await read_effective_line(unit, query)


@router.post("/lines/{line_id}/confirm", operation_id="line_confirm")
@needs_version
async def line_confirm(
    line_id: UUID, request: Request, response: Response, unit: Annotated[UnitOfWork, writes(may.LINE_RECORD)]
) -> LineRead:
    """Confirm what another person proposed."""
    return _answer(response, await confirm_line(unit, line_id, version=expected_version(request)))


@router.post("/lines/{line_id}/withdraw", operation_id="line_withdraw")
@needs_version
async def line_withdraw(
    line_id: UUID,
    body: LineWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.LINE_RECORD)],
) -> LineRead:
    """Take a row back; the one that it had ended holds on."""
    return _answer(response, await withdraw_line(unit, line_id, body, version=expected_version(request)))


def _answer(response: Response, line: LineRead) -> LineRead:
    response.headers["ETag"] = etag(line.version)
    return line
