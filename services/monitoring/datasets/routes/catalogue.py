"""Contracts, templates, saved mappings and reporting periods over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.media import Media
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version, takes_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.types import Model, RegionCode
from services.monitoring import permissions as may
from services.monitoring.datasets.actions.mappings import read_mapping, save_mapping
from services.monitoring.datasets.actions.periods import (
    close_reporting_period,
    read_reporting_period,
    set_reporting_period,
)
from services.monitoring.datasets.actions.submit import county_of
from services.monitoring.datasets.queries.contracts import list_datasets, template_of
from services.monitoring.datasets.schemas import DatasetList, MappingRead, MappingWrite, PeriodRead, PeriodWrite

router = service_router("datasets")
_WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {Media.XLSX.value: {}}}}


class CountyQuery(Model):
    """Which county; the one of your post unless named."""

    region: RegionCode | None = None


@router.get("/datasets", operation_id="dataset_list")
@reference_data
async def dataset_list(request: Request, unit: Annotated[UnitOfWork, reads(may.DATASET_READ)]) -> DatasetList:
    """List the column contracts of department files that are in force."""
    return list_datasets(on=unit.clock.today(), language=language_of(request))


@router.get("/datasets/{code}/template", operation_id="dataset_template", response_class=Response, responses=_WORKBOOK)
@reference_data
async def dataset_template(code: str, unit: Annotated[UnitOfWork, reads(may.DATASET_READ)]) -> Response:
    """Download the workbook to fill in."""
    return attachment(await template_of(code, on=unit.clock.today()), Media.XLSX, f"{code}.xlsx")


@router.get("/datasets/{code}/mapping", operation_id="dataset_mapping_get")
async def dataset_mapping_get(
    code: str,
    query: Annotated[CountyQuery, Query()],
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> MappingRead:
    """Read the saved mapping of your headings."""
    mapping = await read_mapping(unit, code, county_of(unit, query.region))
    response.headers["ETag"] = etag(mapping.version)
    return mapping


@router.put("/datasets/{code}/mapping", operation_id="dataset_mapping_save")
@takes_version
async def dataset_mapping_save(
    code: str,
    query: Annotated[CountyQuery, Query()],
    body: MappingWrite,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.SUBMISSION_SEND)],
) -> MappingRead:
    """Save the mapping of your headings; with If-Match to replace one."""
    mapping = await save_mapping(unit, code, county_of(unit, query.region), body, version=version_if_any(request))
    response.headers["ETag"] = etag(mapping.version)
    return mapping


@router.get("/datasets/{code}/periods/{period}", operation_id="dataset_period_get")
async def dataset_period_get(
    code: str,
    period: str,
    query: Annotated[CountyQuery, Query()],
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.SUBMISSION_READ)],
) -> PeriodRead:
    """Read until when files for a period are on time."""
    shown = await read_reporting_period(unit, code, period, county_of(unit, query.region))
    response.headers["ETag"] = etag(shown.version)
    return shown


@router.put("/datasets/{code}/periods/{period}", operation_id="dataset_period_set")
@takes_version
async def dataset_period_set(
    code: str,
    period: str,
    query: Annotated[CountyQuery, Query()],
    body: PeriodWrite,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.DATASET_PERIOD_SET)],
) -> PeriodRead:
    """Set until when files for a period are on time; with If-Match to change it."""
    county = county_of(unit, query.region)
    shown = await set_reporting_period(unit, code, period, county, body, version=version_if_any(request))
    response.headers["ETag"] = etag(shown.version)
    return shown


@router.post("/datasets/{code}/periods/{period}/close", operation_id="dataset_period_close")
@needs_version
async def dataset_period_close(
    code: str,
    period: str,
    query: Annotated[CountyQuery, Query()],
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.DATASET_PERIOD_SET)],
) -> PeriodRead:
    """Close a period: what comes in afterwards is late."""
    county = county_of(unit, query.region)
    shown = await close_reporting_period(unit, code, period, county, version=expected_version(request))
    response.headers["ETag"] = etag(shown.version)
    return shown


def attachment(content: bytes, media: Media, name: str) -> Response:
    """A file to download; ``name`` is ASCII and names nobody."""
    disposition = f'attachment; filename="{name}"'
    return Response(content, media_type=media.value, headers={"Content-Disposition": disposition})


def version_if_any(request: Request) -> int | None:
    """The version that the request replaces; None if it names none."""
    return expected_version(request) if "if-match" in request.headers else None
