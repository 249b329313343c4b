"""Income over HTTP: record lines, correct them, ask for a window."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.income.actions.correct import correct_line, withdraw_line
from services.monitoring.income.actions.record import record_statement
from services.monitoring.income.queries.lines import line_history, list_lines, read_line
from services.monitoring.income.queries.low_income import review_low_income
from services.monitoring.income.queries.statement import read_income
from services.monitoring.income.schemas import (
    IncomeLineCorrect,
    IncomeLinePage,
    IncomeLineQuery,
    IncomeLineRead,
    IncomeLineVersions,
    IncomeLineWithdraw,
    IncomeQuery,
    IncomeRead,
    IncomeStatementCreate,
    IncomeStatementRead,
    LowIncomeQuery,
    LowIncomeReview,
)

router = service_router("income")


@router.post("/households/{household_id}/income-statements", operation_id="income_record", status_code=201)
async def income_record(
    household_id: UUID, body: IncomeStatementCreate, unit: Annotated[UnitOfWork, writes(may.INCOME_RECORD)]
) -> IncomeStatementRead:
    """Record income and cost lines of a household, all or none."""
    return await record_statement(unit, household_id, body)


@router.get("/households/{household_id}/income", operation_id="income_read")
async def income_read(
    household_id: UUID,
    query: Annotated[IncomeQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.INCOME_READ)],
) -> IncomeRead:
    """Net and reference income of a window, per household and per member, with every line used."""
    return await read_income(unit, household_id, query)


@router.get("/households/{household_id}/income-lines", operation_id="income_line_list")
async def income_line_list(
    household_id: UUID,
    query: Annotated[IncomeLineQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.INCOME_READ)],
) -> IncomeLinePage:
    """List a household's lines by day."""
    return await list_lines(unit, household_id, query)


@router.get("/income-lines/{line_id}", operation_id="income_line_read")
async def income_line_read(
    line_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.INCOME_READ)]
) -> IncomeLineRead:
    """Read one line."""
    line = await read_line(unit, line_id)
    response.headers["ETag"] = etag(line.version)
    return line


@router.get("/income-lines/{line_id}/history", operation_id="income_line_history")
async def income_line_past(line_id: UUID, unit: Annotated[UnitOfWork, reads(may.INCOME_READ)]) -> IncomeLineVersions:
    """What a line said before each correction."""
    return await line_history(unit, line_id)


@router.patch("/income-lines/{line_id}", operation_id="income_line_correct")
@needs_version
async def income_line_correct(
    line_id: UUID,
    body: IncomeLineCorrect,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.INCOME_RECORD)],
) -> IncomeLineRead:
    """Correct a line; what it said before is kept."""
    line = await correct_line(unit, line_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(line.version)
    return line


@router.post("/income-lines/{line_id}/withdraw", operation_id="income_line_withdraw")
@needs_version
async def income_line_withdraw(
    line_id: UUID,
    body: IncomeLineWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.INCOME_RECORD)],
) -> IncomeLineRead:
    """Let a line no longer count."""
    line = await withdraw_line(unit, line_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(line.version)
    return line


@router.get("/households/{household_id}/low-income-review", operation_id="low_income_review_read")
async def low_income_review_read(
    household_id: UUID,
    query: Annotated[LowIncomeQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.INCOME_READ)],
) -> LowIncomeReview:
    """What of a household's income counts for 低保 (低保收入认定), line by line."""
    return await review_low_income(unit, household_id, query)
