"""Classifications over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads
from chassis.http.language import language_of
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.classification.queries.decide import read_classification
from services.monitoring.classification.schemas import ClassificationQuery, ClassificationRead

router = service_router("classification")


@router.get("/households/{household_id}/classification", operation_id="classification_read")
async def classification_read(
    household_id: UUID,
    query: Annotated[ClassificationQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.INCOME_READ)],
) -> ClassificationRead:
    """Which monitoring type the household's facts make on a day, compared number by number; nothing is typed in."""
    return await read_classification(unit, household_id, query, language=language_of(request))
