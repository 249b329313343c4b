"""The registry over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.application import service_router
from chassis.http.preconditions import etag
from services.monitoring import permissions as may
from services.monitoring.households.actions.register import register_household
from services.monitoring.households.actions.reveal import reveal_person
from services.monitoring.households.queries.listing import list_households
from services.monitoring.households.queries.one import read_household
from services.monitoring.households.schemas import (
    HouseholdCreate,
    HouseholdPage,
    HouseholdQuery,
    HouseholdRead,
    Revealed,
    RevealRequest,
)

router = service_router("households")


@router.post("/households", operation_id="household_register", status_code=201)
async def household_register(
    body: HouseholdCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_REGISTER)]
) -> HouseholdRead:
    """Register a household with its members."""
    household = await register_household(unit, body)
    response.headers["ETag"] = etag(household.version)
    response.headers["Location"] = f"/v1/monitoring/households/{household.id}"
    return household


@router.get("/households", operation_id="household_list")
async def household_list(
    query: Annotated[HouseholdQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> HouseholdPage:
    """List or search the households of your area."""
    return await list_households(unit, query)


@router.get("/households/{household_id}", operation_id="household_read")
async def household_read(
    household_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> HouseholdRead:
    """Read a household with its members."""
    household = await read_household(unit, household_id)
    response.headers["ETag"] = etag(household.version)
    return household


@router.post("/persons/{person_id}/reveal", operation_id="person_reveal")
async def person_reveal(
    person_id: UUID, body: RevealRequest, unit: Annotated[UnitOfWork, writes(may.PERSON_REVEAL)]
) -> Revealed:
    """Show numbers of a person whole; every call is audited with its purpose."""
    return await reveal_person(unit, person_id, body)
