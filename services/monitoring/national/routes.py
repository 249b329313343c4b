"""Exports of the national system over HTTP: contract, files, differences."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import TooLarge
from chassis.files.files import Received, StoredFile
from chassis.files.media import TABLES, Media
from chassis.http.acting import reads, writes
from chassis.http.answers import may_answer
from chassis.http.edge import edge_of
from chassis.http.language import language_of
from chassis.http.preconditions import etag, takes_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.http.uploads import body_bytes, receive_file, receives
from chassis.program import program_of
from chassis.tabular import Format
from services.monitoring import permissions as may
from services.monitoring.datasets.actions.mappings import keep_mapping, kept_mapping
from services.monitoring.datasets.actions.submit import county_of
from services.monitoring.datasets.routes.catalogue import CountyQuery, attachment, version_if_any
from services.monitoring.datasets.routes.submissions import FILES, MEDIA
from services.monitoring.datasets.schemas import MappingRead, MappingWrite, RejectedFormat
from services.monitoring.national.actions.receive import Keep, compare_again, import_export, keep_export
from services.monitoring.national.contract import DATASET
from services.monitoring.national.queries.contract import MAPPED, contract_template, show_contract
from services.monitoring.national.queries.differences import (
    difference_sheet,
    list_household_differences,
    list_person_differences,
    summarize,
)
from services.monitoring.national.queries.exports import export_row, list_exports, show_export
from services.monitoring.national.queries.rejected import rejected_rows
from services.monitoring.national.schemas import (
    DifferenceQuery,
    DifferenceSheetQuery,
    DifferenceSummary,
    HouseholdDifferencePage,
    NationalComparison,
    NationalContractRead,
    NationalExportAccepted,
    NationalExportListQuery,
    NationalExportPage,
    NationalExportQuery,
    NationalExportRead,
    NationalImportQuery,
    PersonDifferencePage,
)

router = service_router("national")
PURPOSE: Final = "national_export"
FILE_BYTES_MAX: Final = 256 << 20
_BODY: Final = body_bytes(FILE_BYTES_MAX)
_WORKBOOK: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {Media.XLSX.value: {}}}}
_SHEETS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {Media.XLSX.value: {}, Media.CSV.value: {}}}}


@router.get("/national-contract", operation_id="national_contract_read")
@reference_data
async def national_contract_read(_unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)]) -> NationalContractRead:
    """Read the column contract of national exports."""
    return show_contract()


@router.get(
    "/national-contract/template",
    operation_id="national_contract_template",
    response_class=Response,
    responses=_WORKBOOK,
)
@reference_data
async def national_contract_template(_unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)]) -> Response:
    """Download the workbook with the contract's columns."""
    return attachment(await contract_template(), Media.XLSX, f"{DATASET}.xlsx")


@router.get("/national-contract/mapping", operation_id="national_mapping_get")
async def national_mapping_get(
    query: Annotated[CountyQuery, Query()], response: Response, unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)]
) -> MappingRead:
    """Read the saved mapping of your county's headings."""
    mapping = await kept_mapping(unit, DATASET, county_of(unit, query.region))
    response.headers["ETag"] = etag(mapping.version)
    return mapping


@router.put("/national-contract/mapping", operation_id="national_mapping_save")
@takes_version
async def national_mapping_save(
    query: Annotated[CountyQuery, Query()],
    body: MappingWrite,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.NATIONAL_IMPORT)],
) -> MappingRead:
    """Save the mapping of your county's headings; with If-Match to replace one."""
    county = county_of(unit, query.region)
    mapping = await keep_mapping(unit, MAPPED, county, body, version=version_if_any(request))
    response.headers["ETag"] = etag(mapping.version)
    return mapping


@router.get("/national-exports", operation_id="national_export_list")
async def national_export_list(
    query: Annotated[NationalExportListQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)],
) -> NationalExportPage:
    """List the exports that were handed in, the newest first."""
    return await list_exports(unit, query, language=language_of(request))


@router.post("/national-exports", operation_id="national_export_receive", status_code=202, max_body_size=_BODY)
async def national_export_receive(
    query: Annotated[NationalExportQuery, Query()],
    request: Request,
    response: Response,
    received: Annotated[Received, receives(may.NATIONAL_IMPORT, limit_bytes=FILE_BYTES_MAX, accepted=TABLES)],
    unit: Annotated[UnitOfWork, writes(may.NATIONAL_IMPORT)],
) -> NationalExportAccepted:
    """Hand in an export only to compare it with the registry; nothing of it is imported."""
    return _accepted(response, await keep_export(unit, query, _keeper(request, unit, received)))


@router.post("/national-exports/imports", operation_id="national_export_import", status_code=202, max_body_size=_BODY)
async def national_export_import(
    query: Annotated[NationalImportQuery, Query()],
    request: Request,
    response: Response,
    received: Annotated[Received, receives(may.NATIONAL_IMPORT, limit_bytes=FILE_BYTES_MAX, accepted=TABLES)],
    unit: Annotated[UnitOfWork, writes(may.NATIONAL_IMPORT)],
) -> NationalExportAccepted:
    """Import an export of the national system (CSV, XLSX, XLS or NDJSON, a row a person) and keep it as the latest."""
    return _accepted(response, await import_export(unit, query, _keeper(request, unit, received)))


@router.get("/national-exports/{export_id}", operation_id="national_export_read")
async def national_export_read(
    export_id: UUID, request: Request, response: Response, unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)]
) -> NationalExportRead:
    """Read one export with its counts."""
    row = await export_row(unit, export_id)
    response.headers["ETag"] = etag(row.version)
    return show_export(row, language=language_of(request))


@router.get(
    "/national-exports/{export_id}/rejected",
    operation_id="national_export_rejected_download",
    response_class=Response,
    responses=FILES,
)
async def national_export_rejected_download(
    export_id: UUID,
    query: Annotated[RejectedFormat, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, writes(may.NATIONAL_IMPORT)],
) -> Response:
    """Download the refused households in your own columns, with the reasons; mend it and import it with `corrects`."""
    wanted, language = None if query.format is None else Format(query.format), language_of(request)
    content, form = await rejected_rows(unit, program_of(request), export_id, wanted, language=language)
    return attachment(content, MEDIA[form], f"rejected-{export_id}.{MEDIA[form].extension}")


@router.post("/national-exports/{export_id}/compare", operation_id="national_export_compare", status_code=202)
async def national_export_compare(
    export_id: UUID, response: Response, unit: Annotated[UnitOfWork, writes(may.NATIONAL_IMPORT)]
) -> NationalComparison:
    """Compare an export with the registry again, after either was put right."""
    asked = await compare_again(unit, export_id)
    response.headers["Location"] = f"/v1/monitoring/jobs/{asked.job_id}"
    return asked


@router.get("/national-exports/{export_id}/differences", operation_id="national_difference_summary")
async def national_difference_summary(
    export_id: UUID, unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)]
) -> DifferenceSummary:
    """Count what is there and not here, here and not there, and on both sides but not the same."""
    return await summarize(unit, export_id)


@router.get("/national-exports/{export_id}/differences/households", operation_id="national_household_difference_list")
async def national_household_difference_list(
    export_id: UUID,
    query: Annotated[DifferenceQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)],
) -> HouseholdDifferencePage:
    """List the households that differ in one way."""
    return await list_household_differences(unit, export_id, query)


@router.get("/national-exports/{export_id}/differences/persons", operation_id="national_person_difference_list")
async def national_person_difference_list(
    export_id: UUID,
    query: Annotated[DifferenceQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)],
) -> PersonDifferencePage:
    """List the persons who differ in one way, masked."""
    return await list_person_differences(unit, export_id, query)


@router.get(
    "/national-exports/{export_id}/differences/file",
    operation_id="national_difference_download",
    response_class=Response,
    responses=_SHEETS,
)
@may_answer(TooLarge)
async def national_difference_download(
    export_id: UUID,
    query: Annotated[DifferenceSheetQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.NATIONAL_READ)],
) -> Response:
    """Download the differences as a sheet, masked."""
    content = await difference_sheet(unit, export_id, query)
    media = MEDIA[Format(query.format)]
    return attachment(content, media, f"differences-{export_id}.{media.extension}")


def _keeper(request: Request, unit: UnitOfWork, received: Received) -> Keep:
    # First of all, so that a repeated request gets its first answer whatever has changed since.
    edge_of(request).settle_body(program_of(request), received.sha256)

    async def keep(county: int, days: int) -> StoredFile:
        return await receive_file(request, unit, received, purpose=PURPOSE, keep_days=days, region=county)

    return keep


def _accepted(response: Response, accepted: NationalExportAccepted) -> NationalExportAccepted:
    response.headers["Location"] = f"/v1/monitoring/jobs/{accepted.job_id}"
    return accepted
