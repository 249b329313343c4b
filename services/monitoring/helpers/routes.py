"""Helpers and pairings over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.pagination import PageQuery
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.helpers.actions.hand_over import hand_over_officer
from services.monitoring.helpers.actions.pair import end_pairing, hand_over, pair_households, register_helper
from services.monitoring.helpers.queries.listing import helped_by, helpers_of, list_helpers
from services.monitoring.helpers.schemas import (
    HandOver,
    HelperCreate,
    HelperPage,
    HelperRead,
    OfficerHandOver,
    PairingCreate,
    PairingEnd,
    PairingPage,
    PairingQuery,
    PairingRead,
    PairingsMade,
)

router = service_router("helpers")


@router.post("/helpers", operation_id="helper_register", status_code=201)
async def helper_register(body: HelperCreate, unit: Annotated[UnitOfWork, writes(may.HELPER_RECORD)]) -> HelperRead:
    """Register who may be paired with households: an officer, a named person, a unit."""
    return await register_helper(unit, body)


@router.get("/helpers", operation_id="helper_list")
async def helper_list(
    query: Annotated[PageQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HELPER_READ)]
) -> HelperPage:
    """List the helpers of your area, and those whom a level above sent."""
    return await list_helpers(unit, query)


@router.get("/helpers/{helper_id}/households", operation_id="helper_households")
async def helper_households(
    helper_id: UUID, query: Annotated[PairingQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HELPER_READ)]
) -> PairingPage:
    """List the households that a helper is paired with."""
    return await helped_by(unit, helper_id, query)


@router.get("/households/{household_id}/helpers", operation_id="household_helpers")
async def household_helpers(
    household_id: UUID, query: Annotated[PairingQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HELPER_READ)]
) -> PairingPage:
    """List the helpers of a household."""
    return await helpers_of(unit, household_id, query)


@router.post("/pairings", operation_id="pairing_begin", status_code=201)
async def pairing_begin(body: PairingCreate, unit: Annotated[UnitOfWork, writes(may.HELPER_RECORD)]) -> PairingsMade:
    """Pair a helper with many households at once, all or none."""
    return await pair_households(unit, body)


@router.post("/helpers/{helper_id}/hand-over", operation_id="helper_hand_over")
async def helper_hand_over(
    helper_id: UUID, body: HandOver, unit: Annotated[UnitOfWork, writes(may.HELPER_RECORD)]
) -> PairingsMade:
    """Hand a helper's households over to another from a day on."""
    return await hand_over(unit, helper_id, body)


@router.post("/officers/{officer_id}/hand-over", operation_id="officer_hand_over")
async def officer_hand_over(
    officer_id: UUID, body: OfficerHandOver, unit: Annotated[UnitOfWork, writes(may.HELPER_RECORD)]
) -> PairingsMade:
    """Hand all of an officer's households, and with them their to-dos, over to another from a day on."""
    return await hand_over_officer(unit, officer_id, body)


@router.post("/pairings/{pairing_id}/end", operation_id="pairing_end")
@needs_version
async def pairing_end(
    pairing_id: UUID,
    body: PairingEnd,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.HELPER_RECORD)],
) -> PairingRead:
    """Let a pairing end on a day."""
    ended = await end_pairing(unit, pairing_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(ended.version)
    return ended
