"""Measures over HTTP."""

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
from services.monitoring.measures.actions.run import amend_measure, end_measure, start_measure, withdraw_measure
from services.monitoring.measures.queries.listing import list_measures
from services.monitoring.measures.queries.missing import list_missing
from services.monitoring.measures.queries.one import measure_history, read_measure
from services.monitoring.measures.schemas import (
    MeasureAmend,
    MeasureCreate,
    MeasureEndCreate,
    MeasurePage,
    MeasureQuery,
    MeasureRead,
    MeasureVersions,
    MeasureWithdraw,
    MissingMeasurePage,
    MissingMeasureQuery,
)

router = service_router("measures")


@router.get("/households/{household_id}/measures", operation_id="measure_list")
async def measure_list(
    household_id: UUID, query: Annotated[MeasureQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> MeasurePage:
    """List the measures that a household was given: recorded here, or known from the national system's exports."""
    return await list_measures(unit, household_id, query)


@router.post("/households/{household_id}/measures", operation_id="measure_start", status_code=201)
async def measure_start(
    household_id: UUID,
    body: MeasureCreate,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.MEASURE_RECORD)],
) -> MeasureRead:
    """Record that help began; the conditions of its scheme are checked, each that fails is named."""
    return _answer(response, await start_measure(unit, household_id, body))


@router.get("/measures/{measure_id}", operation_id="measure_read")
async def measure_read(
    measure_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.MEASURE_READ)]
) -> MeasureRead:
    """Read a measure that was recorded here."""
    return _answer(response, await read_measure(unit, measure_id))


@router.get("/measures/{measure_id}/history", operation_id="measure_history")
async def measure_past(measure_id: UUID, unit: Annotated[UnitOfWork, reads(may.MEASURE_READ)]) -> MeasureVersions:
    """What a measure said before each change."""
    return await measure_history(unit, measure_id)


@router.patch("/measures/{measure_id}", operation_id="measure_amend")
@needs_version
async def measure_amend(
    measure_id: UUID,
    body: MeasureAmend,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.MEASURE_RECORD)],
) -> MeasureRead:
    """Amend a measure; what it said before is kept."""
    return _answer(response, await amend_measure(unit, measure_id, body, version=expected_version(request)))


@router.post("/measures/{measure_id}/end", operation_id="measure_end")
@needs_version
async def measure_end(
    measure_id: UUID,
    body: MeasureEndCreate,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.MEASURE_RECORD)],
) -> MeasureRead:
    """Record that help ended, and why."""
    return _answer(response, await end_measure(unit, measure_id, body, version=expected_version(request)))


@router.post("/measures/{measure_id}/withdraw", operation_id="measure_withdraw")
@needs_version
async def measure_withdraw(
    measure_id: UUID,
    body: MeasureWithdraw,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.MEASURE_RECORD)],
) -> MeasureRead:
    """Take back a measure that was never given so; it no longer counts."""
    return _answer(response, await withdraw_measure(unit, measure_id, body, version=expected_version(request)))


@router.get("/missing-measures", operation_id="missing_measure_list")
async def missing_measure_list(
    query: Annotated[MissingMeasureQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.MEASURE_READ)],
) -> MissingMeasurePage:
    """List registered households without the help that they are to have by now: for a risk, or to earn their living."""
    return await list_missing(unit, query, language=language_of(request))


def _answer(response: Response, measure: MeasureRead) -> MeasureRead:
    if measure.version is not None:
        response.headers["ETag"] = etag(measure.version)
    return measure
