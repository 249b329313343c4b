"""Measures over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.measures.queries.listing import list_measures
from services.monitoring.measures.schemas import MeasurePage, MeasureQuery

router = service_router("measures")


@router.get("/households/{household_id}/measures", operation_id="measure_list")
async def measure_list(
    household_id: UUID, query: Annotated[MeasureQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> MeasurePage:
    """List the measures that a household was given, by the national system's exports."""
    return await list_measures(unit, household_id, query)
