"""Households over HTTP: register, list, read, change."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.households.actions.patch import patch_household
from services.monitoring.households.actions.register import register_household
from services.monitoring.households.queries.as_of import household_as_of
from services.monitoring.households.queries.history import household_history
from services.monitoring.households.queries.listing import list_households
from services.monitoring.households.queries.monitoring import monitoring_of
from services.monitoring.households.queries.one import read_household
from services.monitoring.households.schemas import HouseholdCreate, HouseholdPage, HouseholdQuery, HouseholdRead
from services.monitoring.households.schemas.monitoring import HouseholdMonitoring
from services.monitoring.households.schemas.patches import HouseholdPatch, StateQuery, VersionPage, VersionQuery

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
    query: Annotated[HouseholdQuery, Query()], unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_READ)]
) -> HouseholdPage:
    """List or search the households of your area; a search by name is kept in the audit log."""
    return await list_households(unit, query)


@router.get("/households/{household_id}", operation_id="household_read")
async def household_read(
    household_id: UUID,
    query: Annotated[StateQuery, Query()],
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)],
) -> HouseholdRead:
    """Read a household with its members, now or as of a day and as known at an instant."""
    if query.is_past:
        return await household_as_of(unit, household_id, query)
    household = await read_household(unit, household_id)
    response.headers["ETag"] = etag(household.version)
    return household


@router.patch("/households/{household_id}", operation_id="household_patch")
@needs_version
async def household_patch(
    household_id: UUID,
    body: HouseholdPatch,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_CHANGE)],
) -> HouseholdRead:
    """Change fields of a household."""
    household = await patch_household(unit, household_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(household.version)
    return household


@router.get("/households/{household_id}/history", operation_id="household_history")
async def household_versions(
    household_id: UUID, query: Annotated[VersionQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> VersionPage:
    """List a household's versions with what each changed."""
    return await household_history(unit, household_id, query)


@router.get("/households/{household_id}/monitoring", operation_id="household_monitoring_read")
async def household_monitoring(
    household_id: UUID, unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> HouseholdMonitoring:
    """Read the dated facts of a household's monitoring: type, risks, registration, elimination."""
    return await monitoring_of(unit, household_id)
