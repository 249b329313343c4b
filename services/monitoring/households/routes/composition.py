"""Changes of who belongs to which household, over HTTP. All of them need the version that was read."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.households.actions.death import record_death
from services.monitoring.households.actions.identity_numbers import correct_number, enter_former_number
from services.monitoring.households.actions.members import add_member, remove_member, return_member
from services.monitoring.households.actions.merge import merge_households
from services.monitoring.households.actions.move_out import move_back, move_out
from services.monitoring.households.actions.relations import change_relations
from services.monitoring.households.actions.split import split_household
from services.monitoring.households.schemas import HouseholdRead, PersonRead
from services.monitoring.households.schemas.members import (
    DeathRecord,
    FormerNumberEnter,
    HouseholdMerge,
    HouseholdMoveBack,
    HouseholdMoveOut,
    HouseholdPair,
    HouseholdSplit,
    MemberAdd,
    MemberRemove,
    MemberReturn,
    NumberCorrect,
    RelationsChange,
)

router = service_router("household-changes")
Changes = Annotated[UnitOfWork, writes(may.HOUSEHOLD_CHANGE)]


@router.post("/households/{household_id}/members", operation_id="member_add", status_code=201)
@needs_version
async def member_add(
    household_id: UUID, body: MemberAdd, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Add a newcomer: by birth, marriage, adoption, or found missing."""
    return _tagged(response, await add_member(unit, household_id, body, version=expected_version(request)))


@router.post("/households/{household_id}/change-relations", operation_id="household_change_relations")
@needs_version
async def household_change_relations(
    household_id: UUID, body: RelationsChange, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Correct members' relations to the head, or name another head."""
    return _tagged(response, await change_relations(unit, household_id, body, version=expected_version(request)))


@router.post("/households/{household_id}/return-member", operation_id="member_return")
@needs_version
async def member_return(
    household_id: UUID, body: MemberReturn, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Take back somebody who had moved out alone, or whose death was recorded by mistake."""
    return _tagged(response, await return_member(unit, household_id, body, version=expected_version(request)))


@router.post("/persons/{person_id}/remove", operation_id="person_remove")
@needs_version
async def person_remove(
    person_id: UUID, body: MemberRemove, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Take somebody out who was registered by mistake or moved out alone; If-Match is the person's version."""
    return _tagged(response, await remove_member(unit, person_id, body, version=expected_version(request)))


@router.post("/persons/{person_id}/record-death", operation_id="person_record_death")
@needs_version
async def person_record_death(
    person_id: UUID, body: DeathRecord, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Record a death; If-Match is the person's version. With the last member the household ends."""
    return _tagged(response, await record_death(unit, person_id, body, version=expected_version(request)))


@router.post("/persons/{person_id}/correct-number", operation_id="person_correct_number")
@needs_version
async def person_correct_number(
    person_id: UUID, body: NumberCorrect, request: Request, response: Response, unit: Changes
) -> PersonRead:
    """Give a person the first or another identity number."""
    person = await correct_number(unit, person_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(person.version)
    return person


@router.post("/persons/{person_id}/former-numbers", operation_id="former_number_enter")
async def former_number_enter(person_id: UUID, body: FormerNumberEnter, unit: Changes) -> PersonRead:
    """Note a former number, by which the person is found from now on."""
    return await enter_former_number(unit, person_id, body)


@router.post("/households/{household_id}/split", operation_id="household_split", status_code=201)
@needs_version
async def household_split(
    household_id: UUID, body: HouseholdSplit, request: Request, response: Response, unit: Changes
) -> HouseholdPair:
    """Split a household."""
    pair = await split_household(unit, household_id, body, version=expected_version(request))
    _tagged(response, pair.household)
    response.headers["Location"] = f"/v1/monitoring/households/{pair.other.id}"
    return pair


@router.post("/households/{household_id}/merge", operation_id="household_merge")
@needs_version
async def household_merge(
    household_id: UUID, body: HouseholdMerge, request: Request, response: Response, unit: Changes
) -> HouseholdPair:
    """Merge a household into another one, which goes on."""
    pair = await merge_households(unit, household_id, body, version=expected_version(request))
    _tagged(response, pair.household)
    return pair


@router.post("/households/{household_id}/move-out", operation_id="household_move_out")
@needs_version
async def household_move_out(
    household_id: UUID, body: HouseholdMoveOut, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Record that a household moved to where this platform does not reach."""
    return _tagged(response, await move_out(unit, household_id, body, version=expected_version(request)))


@router.post("/households/{household_id}/move-back", operation_id="household_move_back")
@needs_version
async def household_move_back(
    household_id: UUID, body: HouseholdMoveBack, request: Request, response: Response, unit: Changes
) -> HouseholdRead:
    """Record that a household that had moved out lives here again."""
    return _tagged(response, await move_back(unit, household_id, body, version=expected_version(request)))


def _tagged(response: Response, household: HouseholdRead) -> HouseholdRead:
    response.headers["ETag"] = etag(household.version)
    return household
