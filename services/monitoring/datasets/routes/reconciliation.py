"""The reconciliation sheet over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.media import Media
from chassis.http.acting import reads
from chassis.http.language import language_of
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.datasets.actions.submit import county_of
from services.monitoring.datasets.queries.reconciliation import reconcile, reconciliation_sheet
from services.monitoring.datasets.routes.catalogue import attachment
from services.monitoring.datasets.schemas import Reconciliation, ReconciliationQuery

router = service_router("submissions")


@router.get("/reconciliation", operation_id="reconciliation_get")
async def reconciliation_get(
    query: Annotated[ReconciliationQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> Reconciliation:
    """Add up what a department handed in for a period and what came of each row."""
    return await reconcile(unit, query, county_of(unit, query.region), language=language_of(request))


@router.get(
    "/reconciliation.xlsx",
    operation_id="reconciliation_download",
    response_class=Response,
    responses={200: {"content": {Media.XLSX.value: {}}}},
)
async def reconciliation_download(
    query: Annotated[ReconciliationQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> Response:
    """Download the same sheet as a workbook."""
    sheet = await reconcile(unit, query, county_of(unit, query.region), language=language_of(request))
    name = f"reconciliation-{sheet.department}-{sheet.period}.xlsx"
    return attachment(await reconciliation_sheet(sheet), Media.XLSX, name)
