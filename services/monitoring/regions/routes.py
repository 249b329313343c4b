"""Divisions over HTTP: import, list, read, let one follow another."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Request

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files, Received
from chassis.files.media import TABLES
from chassis.files.schemas import FileQuery
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.http.uploads import receive_file, receives_uploaded
from chassis.program import program_of
from chassis.types import RegionCode
from services.monitoring import permissions as may
from services.monitoring.parameters import keep_days
from services.monitoring.regions.actions.follow import record_successions
from services.monitoring.regions.actions.record import LIMITS, import_regions
from services.monitoring.regions.queries.divisions import list_regions, read_region, region_history
from services.monitoring.regions.schemas import (
    RegionDayQuery,
    RegionHistory,
    RegionImportResult,
    RegionPage,
    RegionQuery,
    RegionRead,
    SuccessionsCreate,
    SuccessionsResult,
)

router = service_router("regions")
REGIONS_PURPOSE: Final = "regions"

_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": False,
        "description": "Needed without `file_id`. Columns code, name, level, valid_from, valid_to, successor, or their "
        "Chinese headings.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.post("/regions/import", operation_id="region_import", openapi_extra=_FILE)
async def region_import(
    _query: Annotated[FileQuery, Query()],
    request: Request,
    received: Annotated[
        Received | None,
        receives_uploaded(may.REGION_RECORD, limit_bytes=LIMITS.file_bytes_max, accepted=TABLES),
    ],
    unit: Annotated[UnitOfWork, writes(may.REGION_RECORD)],
) -> RegionImportResult:
    """Record divisions of your area from a file; good rows are kept, bad ones reported."""
    content = await request.body() if received is None else await _uploaded(request, unit, received)
    return await import_regions(unit, content, language=language_of(request))


@router.post("/regions/successions", operation_id="region_succeed")
async def region_succeed(
    body: SuccessionsCreate, unit: Annotated[UnitOfWork, writes(may.REGION_RECORD)]
) -> SuccessionsResult:
    """Enter one day's renamings, re-codings, mergers and splits; households and persons get their new codes."""
    return await record_successions(unit, body)


@router.get("/regions", operation_id="region_list")
@reference_data
async def region_list(
    query: Annotated[RegionQuery, Query()], unit: Annotated[UnitOfWork, reads(may.REGION_READ)]
) -> RegionPage:
    """List the divisions that hold on a day, by code; `parent` narrows to those right below it."""
    return await list_regions(unit, query)


@router.get("/regions/{code}", operation_id="region_read")
@reference_data
async def region_read(
    code: RegionCode,
    query: Annotated[RegionDayQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.REGION_READ)],
) -> RegionRead:
    """Read a division as of a day."""
    return await read_region(unit, code, query.on)


@router.get("/regions/{code}/history", operation_id="region_history")
@reference_data
async def region_past(code: RegionCode, unit: Annotated[UnitOfWork, reads(may.REGION_READ)]) -> RegionHistory:
    """Everything that a code was called, and its successions."""
    return await region_history(unit, code)


async def _uploaded(request: Request, unit: UnitOfWork, received: Received) -> bytes:
    days = await keep_days(unit, unit.actor.assignment.region)
    file = await receive_file(request, unit, received, purpose=REGIONS_PURPOSE, keep_days=days)
    return b"".join([chunk async for chunk in Files.of(program_of(request)).stream(file)])
