"""Persons over HTTP: search, read, change, show numbers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.households.actions.patch import patch_person
from services.monitoring.households.actions.reveal import reveal_person
from services.monitoring.households.queries.as_of import person_as_of
from services.monitoring.households.queries.history import person_history
from services.monitoring.households.queries.one import person_row, show_person
from services.monitoring.households.queries.person_search import search_persons
from services.monitoring.households.schemas import PersonRead, Revealed, RevealRequest
from services.monitoring.households.schemas.patches import PersonPatch, StateQuery, VersionPage, VersionQuery
from services.monitoring.households.schemas.search import PersonSearch, PersonsFound

router = service_router("persons")


@router.post("/persons/search", operation_id="person_search")
async def person_search(body: PersonSearch, unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_READ)]) -> PersonsFound:
    """Find persons of your area by number, or by name and year of birth; every search is audited with its purpose."""
    return await search_persons(unit, body)


@router.get("/persons/{person_id}", operation_id="person_read")
async def person_read(
    person_id: UUID,
    query: Annotated[StateQuery, Query()],
    response: Response,
    unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)],
) -> PersonRead:
    """Read a person, now or as of a day and as known at an instant."""
    if query.is_past:
        return await person_as_of(unit, person_id, query)
    person = show_person(unit, await person_row(unit, person_id))
    response.headers["ETag"] = etag(person.version)
    return person


@router.patch("/persons/{person_id}", operation_id="person_patch")
@needs_version
async def person_patch(
    person_id: UUID,
    body: PersonPatch,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.HOUSEHOLD_CHANGE)],
) -> PersonRead:
    """Change fields of a person."""
    person = await patch_person(unit, person_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(person.version)
    return person


@router.get("/persons/{person_id}/history", operation_id="person_history")
async def person_versions(
    person_id: UUID, query: Annotated[VersionQuery, Query()], unit: Annotated[UnitOfWork, reads(may.HOUSEHOLD_READ)]
) -> VersionPage:
    """List a person's versions with what each changed."""
    return await person_history(unit, person_id, query)


@router.post("/persons/{person_id}/reveal", operation_id="person_reveal")
async def person_reveal(
    person_id: UUID, body: RevealRequest, unit: Annotated[UnitOfWork, writes(may.PERSON_REVEAL)]
) -> Revealed:
    """Show numbers of a person whole; every call is audited with its purpose."""
    return await reveal_person(unit, person_id, body)
