"""Special registers over HTTP: descriptions, facts, files, findings."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response
from starlette.responses import StreamingResponse

from chassis.database.unit_of_work import UnitOfWork
from chassis.exports.encoders import MEDIA_TYPES
from chassis.exports.stream import ExportsBusy
from chassis.http.acting import reads, writes
from chassis.http.answers import may_answer
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.registers.actions.record import correct_fact, record_fact, withdraw_fact
from services.monitoring.registers.models import AnyFactCreate, AnyFactRead, FactCorrect, FactRead, FactWithdraw
from services.monitoring.registers.queries.described import list_registers
from services.monitoring.registers.queries.export import export_facts
from services.monitoring.registers.queries.facts import (
    fact_versions,
    household_facts,
    list_facts,
    person_facts,
    read_fact,
)
from services.monitoring.registers.queries.findings import list_findings
from services.monitoring.registers.schemas import (
    FactExportQuery,
    FactPage,
    FactQuery,
    FactVersions,
    HeldFacts,
    HeldQuery,
    RegisterCode,
    RegisterFindingPage,
    RegisterFindingQuery,
    RegisterList,
)

router = service_router("registers")
_FILES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {media: {} for media in MEDIA_TYPES.values()}}}


@router.get("/registers", operation_id="register_list")
async def register_list(request: Request, unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)]) -> RegisterList:
    """List the special registers that you may read: fields, sources, findings."""
    return list_registers(unit, language=language_of(request))


@router.get("/registers/{register_code}/facts", operation_id="register_fact_list")
async def register_fact_list(
    register_code: RegisterCode,
    query: Annotated[FactQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)],
) -> FactPage:
    """List a register's facts: of a day, as known at an instant, or with open findings."""
    return await list_facts(unit, register_code, query)


@router.get(
    "/registers/{register_code}/export",
    operation_id="register_fact_export",
    response_class=Response,
    responses=_FILES,
)
@may_answer(ExportsBusy)
async def register_fact_export(
    register_code: RegisterCode,
    query: Annotated[FactExportQuery, Query()],
    unit: Annotated[UnitOfWork, reads(may.REGISTER_EXPORT)],
) -> StreamingResponse:
    """Download a register as a workbook, CSV, NDJSON or Parquet."""
    return await export_facts(unit, register_code, query)


@router.get("/registers/{register_code}/facts/{fact_id}", operation_id="register_fact_read", response_model=AnyFactRead)
async def register_fact_read(
    register_code: RegisterCode,
    fact_id: UUID,
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)],
) -> FactRead:
    """Read one fact as it is known now."""
    fact = await read_fact(unit, register_code, fact_id)
    response.headers["ETag"] = etag(fact.version)
    return fact


@router.get("/registers/{register_code}/facts/{fact_id}/history", operation_id="register_fact_history")
async def register_fact_history(
    register_code: RegisterCode, fact_id: UUID, unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)]
) -> FactVersions:
    """Read every version of a fact, also of one that was withdrawn."""
    return await fact_versions(unit, register_code, fact_id)


@router.post("/register-facts", operation_id="register_fact_record", status_code=201, response_model=AnyFactRead)
async def register_fact_record(
    body: AnyFactCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.REGISTER_RECORD)]
) -> FactRead:
    """Record a fact of a person or household in one of the registers."""
    fact = await record_fact(unit, body)
    response.headers["ETag"] = etag(fact.version)
    return fact


@router.post(
    "/registers/{register_code}/facts/{fact_id}/correct",
    operation_id="register_fact_correct",
    response_model=AnyFactRead,
)
@needs_version
async def register_fact_correct(
    register_code: RegisterCode,
    fact_id: UUID,
    body: FactCorrect,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.REGISTER_RECORD)],
) -> FactRead:
    """Correct a fact that was recorded by hand; what it said before is kept."""
    fact = await correct_fact(
        unit, register_code, fact_id, body.fact, reason=body.reason, version=expected_version(request)
    )
    response.headers["ETag"] = etag(fact.version)
    return fact


@router.post(
    "/registers/{register_code}/facts/{fact_id}/withdraw", operation_id="register_fact_withdraw", status_code=204
)
@needs_version
async def register_fact_withdraw(
    register_code: RegisterCode,
    fact_id: UUID,
    body: FactWithdraw,
    request: Request,
    unit: Annotated[UnitOfWork, writes(may.REGISTER_RECORD)],
) -> None:
    """Withdraw a fact that was recorded by hand and does not hold."""
    await withdraw_fact(unit, register_code, fact_id, reason=body.reason, version=expected_version(request))


@router.get("/register-findings", operation_id="register_finding_list")
async def register_finding_list(
    query: Annotated[RegisterFindingQuery, Query()],
    request: Request,
    unit: Annotated[UnitOfWork, reads(may.REGISTER_FINDING_READ)],
) -> RegisterFindingPage:
    """List what is amiss in the registers, by division; a department's clerk sees what the department owes."""
    return await list_findings(unit, query, language=language_of(request))


@router.get("/households/{household_id}/register-facts", operation_id="household_register_facts")
async def household_register_facts(
    household_id: UUID, query: Annotated[HeldQuery, Query()], unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)]
) -> HeldFacts:
    """Read what all registers say of a household and its people."""
    return await household_facts(unit, household_id, query)


@router.get("/persons/{person_id}/register-facts", operation_id="person_register_facts")
async def person_register_facts(
    person_id: UUID, query: Annotated[HeldQuery, Query()], unit: Annotated[UnitOfWork, reads(may.REGISTER_READ)]
) -> HeldFacts:
    """Read what all registers say of a person."""
    return await person_facts(unit, person_id, query)
