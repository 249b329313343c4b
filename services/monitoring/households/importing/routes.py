"""Take in a file of households: kept first, imported by a job."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Received
from chassis.files.media import Media
from chassis.files.schemas import FileQuery
from chassis.http.acting import writes
from chassis.http.routers import service_router
from chassis.http.uploads import body_bytes, receive_file, receives
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.jobs.import_model import Atomic, ImportMode, ImportParameters, ImportStrategy
from chassis.types import Model
from services.monitoring import permissions as may
from services.monitoring.households.importing.job import HOUSEHOLD_IMPORT
from services.monitoring.parameters import keep_days

IMPORT_BYTES_MAX: Final = 512 << 20
IMPORT_PURPOSE: Final = "household_import"
IMPORT_ACCEPTED: Final = frozenset({Media.NDJSON, Media.CSV, Media.XLSX})

router = service_router("households")


class HouseholdImportQuery(FileQuery):
    """How to import."""

    mode: ImportMode = ImportMode.COMMIT
    strategy: ImportStrategy = ImportStrategy.CREATE_AND_UPDATE
    atomic: Atomic = Atomic.ROW


class HouseholdImportAccepted(Model):
    """The job that imports the file; ask `/jobs/{job_id}` how far it is."""

    job_id: UUID


@router.post(
    "/households/imports",
    operation_id="household_import",
    status_code=202,
    max_body_size=body_bytes(IMPORT_BYTES_MAX),
)
async def household_import(
    query: Annotated[HouseholdImportQuery, Query()],
    request: Request,
    response: Response,
    received: Annotated[
        Received, receives(may.HOUSEHOLD_IMPORT, limit_bytes=IMPORT_BYTES_MAX, accepted=IMPORT_ACCEPTED)
    ],
    unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_IMPORT)],
) -> HouseholdImportAccepted:
    """Import households from NDJSON (a line a household, as in a registration), CSV or XLSX (a row a person)."""
    county = unit.actor.assignment.region
    days = await keep_days(unit, county)
    file = await receive_file(request, unit, received, purpose=IMPORT_PURPOSE, keep_days=days)
    job_id = new_id()
    parameters = ImportParameters(file_id=file.id, mode=query.mode, strategy=query.strategy, atomic=query.atomic)
    await defer(unit, HOUSEHOLD_IMPORT, parameters, county, job_id=job_id)
    response.headers["Location"] = f"/v1/monitoring/jobs/{job_id}"
    return HouseholdImportAccepted(job_id=job_id)
