"""People who need attention, their carers and checks over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.answers import may_answer
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.attention.actions.mark import (
    AlreadyMarked,
    check_guardianship,
    end_carer,
    end_mark,
    mark_person,
    name_carer,
)
from services.monitoring.attention.queries.listing import list_attention, read_care
from services.monitoring.attention.schemas import (
    AttentionCreate,
    AttentionPage,
    AttentionQuery,
    AttentionRead,
    CareQuery,
    CarerCreate,
    CareRead,
    CarerRead,
    FactEnd,
    GuardianshipCreate,
    GuardianshipRead,
)

router = service_router("attention")


@router.post("/persons/{person_id}/attention", operation_id="attention_mark", status_code=201)
@may_answer(AlreadyMarked)
async def attention_mark(
    person_id: UUID, body: AttentionCreate, unit: Annotated[UnitOfWork, writes(may.ATTENTION_RECORD)]
) -> AttentionRead:
    """Mark a person as left behind or of a key group, from a day on."""
    return await mark_person(unit, person_id, body)


@router.get("/attention", operation_id="attention_list")
async def attention_list(
    query: Annotated[AttentionQuery, Query()], unit: Annotated[UnitOfWork, reads(may.ATTENTION_READ)]
) -> AttentionPage:
    """List the people of your area who need attention."""
    return await list_attention(unit, query)


@router.post("/attention/{mark_id}/end", operation_id="attention_end")
@needs_version
async def attention_end(
    mark_id: UUID,
    body: FactEnd,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.ATTENTION_RECORD)],
) -> AttentionRead:
    """Let a mark end on a day."""
    ended = await end_mark(unit, mark_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(ended.version)
    return ended


@router.post("/persons/{person_id}/guardianship-checks", operation_id="guardianship_check", status_code=201)
async def guardianship_check(
    person_id: UUID, body: GuardianshipCreate, unit: Annotated[UnitOfWork, writes(may.ATTENTION_RECORD)]
) -> GuardianshipRead:
    """Keep what a check of a person's guardianship found."""
    return await check_guardianship(unit, person_id, body)


@router.get("/persons/{person_id}/care", operation_id="care_read")
async def care_read(
    person_id: UUID, query: Annotated[CareQuery, Query()], unit: Annotated[UnitOfWork, reads(may.ATTENTION_READ)]
) -> CareRead:
    """A child's carers on a day, which kinds are missing, and the checks of guardianship."""
    return await read_care(unit, person_id, query)


@router.post("/persons/{person_id}/carers", operation_id="carer_name", status_code=201)
async def carer_name(
    person_id: UUID, body: CarerCreate, unit: Annotated[UnitOfWork, writes(may.ATTENTION_RECORD)]
) -> CarerRead:
    """Name one of a left-behind child's carers; the one of that kind before ends on the eve."""
    return await name_carer(unit, person_id, body)


@router.post("/carers/{carer_id}/end", operation_id="carer_end")
@needs_version
async def carer_end(
    carer_id: UUID,
    body: FactEnd,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.ATTENTION_RECORD)],
) -> CarerRead:
    """Let a carer's term end on a day."""
    ended = await end_carer(unit, carer_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(ended.version)
    return ended
