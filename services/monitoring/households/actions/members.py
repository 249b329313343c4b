"""Let somebody join a household or leave it: newcomers, returns, mistakes, single departures."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from services.monitoring.cases.actions.follow import looked_at_afresh
from services.monitoring.codes.relations import Relation
from services.monitoring.households.actions.known import refuse_known
from services.monitoring.households.actions.patch import locked_person
from services.monitoring.households.actions.register import NewPerson, number_rows, person_values
from services.monitoring.households.judge import missing_of
from services.monitoring.households.queries.one import person_row, present_household
from services.monitoring.households.rules import states
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.members import MemberAdd, MemberRemove, MemberReturn, relations_of
from services.monitoring.households.standing import (
    Departure,
    Outcome,
    Standing,
    bring_about,
    judge_again,
    load_standing,
)
from services.monitoring.households.tables import Person, PersonNumber
from services.monitoring.households.versions import Change, Versions, columns_of, tell_household, tell_person

_PERSON: Final = rows(Person)
_NUMBER: Final = rows(PersonNumber)
_NOT_AWAY = Message(
    "此人既未迁出，也未登记死亡。在他户的请办理分户、并户；未登记的请新增成员。",
    "This person has neither moved out nor died. Split and merge households for one in another, or add a newcomer.",
)
_REASON_NEEDED = Message("请写明死亡为何属误报。", "Say why the death was recorded by mistake.")
_NOT_THE_DAY = Message(
    "更正误报的死亡，请填写当时登记的死亡日期。", "To correct a death, give the day that was recorded for it."
)
_BEFORE_BIRTH = Message("加入日期早于出生日期，请核对。", "The joining is dated before the birth; check it.")


async def add_member(unit: UnitOfWork, household_id: UUID, body: MemberAdd, *, version: int) -> HouseholdRead:
    """Register a newcomer in a household. Births are reported late, so the day may lie before the latest change.

    :raises NotFound: if the household is not in the caller's area.
    :raises VersionStale: if ``version`` is not its present one.
    :raises InvalidInput: with every rule that it would break.
    :raises AlreadyRegistered: if the person stands in the caller's area already; RegistrationClash if elsewhere.
    :raises StateRefused: with every guard of a change of members that fails.
    """
    missing = missing_of(body.person, "/person")
    if missing:
        raise InvalidInput(faults=missing)
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    newcomer = NewPerson(body.person.id or new_id(), body.person)
    number = newcomer.body.identity_number
    born = number.birth_date if number else newcomer.body.birth_date
    refusals = _refusals_of_joining(unit, standing, newcomer.id, newcomer.body.relation, on=body.on)
    if born is not None and body.on < born:
        refusals.append(Fault("/on", "joining_before_birth", _BEFORE_BIRTH))
    if refusals:
        raise StateRefused(faults=refusals)
    await refuse_known(unit, standing.row.region, {"/person": number})

    versions = Versions(unit)
    row = standing.row
    change = Change(row, {"member_count": len(standing.members) + 1}, max(row.valid_from, body.on))
    [household] = await versions.households([change])
    tell_household(unit, "household.add_member", change, household, reason=body.reason)
    values = person_values(unit, newcomer, {**columns_of(household), "valid_from": body.on})
    values["recorded_at"] = await versions.instant()
    person = (await unit.connection.execute(insert(_PERSON).values(values).returning(_PERSON))).one()
    numbers = number_rows(unit, [newcomer])
    if numbers:
        await unit.connection.execute(insert(_NUMBER), numbers)
    tell_person(unit, "person.register", None, person, household, reason=body.reason)
    await judge_again(unit, household)
    return await present_household(unit, household)


async def return_member(unit: UnitOfWork, household_id: UUID, body: MemberReturn, *, version: int) -> HouseholdRead:
    """Let somebody who had moved out alone live in a household again; errors as :func:`add_member`.

    Who was recorded as dead by mistake never was: no day of it is left, and a household that ended with them lives on.
    """
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    person = await person_row(unit, body.person_id, lock=True)
    was_dead = person.state == "dead"
    refusals = _refusals_of_joining(unit, standing, person.id, body.relation, on=body.on)
    ended_with_them = was_dead and standing.row.state == "dissolved" and person.household_id == household_id
    if ended_with_them:
        refusals = [refusal for refusal in refusals if refusal.code != "household_ended"]
    if was_dead:
        refusals += _refusals_of_living(person, body)
    elif person.state != "moved_out":
        refusals.append(Fault("/person_id", "person_not_away", _NOT_AWAY))
    elif body.on < max(person.valid_from, standing.state.changed_on):
        refusals.append(states.fault("/on", "change_before_the_last"))
    if refusals:
        raise StateRefused(faults=refusals)
    comer = states.Member(person=person.id, relation=body.relation, joined_on=body.on, born=person.birth_date)
    later = max(body.on, standing.state.changed_on)
    after = standing.state.with_members([*standing.state.members, comer], on=later)
    [household] = await bring_about(
        unit,
        "correct_death" if was_dead else "return",
        [Outcome(standing.row, after, {"state": "active"})],
        {**standing.members, person.id: person},
        values={person.id: {"state": "active", "died_on": None}},
        since={person.id: body.on},
        reason=body.reason,
    )
    if ended_with_them:
        await looked_at_afresh(unit, household)
    return await present_household(unit, household)


async def remove_member(unit: UnitOfWork, person_id: UUID, body: MemberRemove, *, version: int) -> HouseholdRead:
    """Take somebody out of their household alive; the household ends with its last member.

    Who was registered by mistake gives up the numbers, so that whoever really bears them can be registered.

    :raises NotFound: if the person is not in the caller's area.
    :raises VersionStale: if ``version`` is not the person's present one.
    :raises StateRefused: with every guard that fails.
    """
    staying = relations_of(body.staying, "/staying")
    person, household = await locked_person(unit, person_id, version=version)
    [standing] = await load_standing(unit, household.id)
    refusals = states.timing(body.on, today=unit.clock.today(), households=[standing.state])
    refusals += states.liveliness(standing.state, "")
    refusals += states.remaining_roles(standing.state, frozenset({person.id}), staying)
    if refusals:
        raise StateRefused(faults=refusals)
    state = "removed" if body.outcome == "wrongly_registered" else "moved_out"
    if state == "removed":
        await unit.connection.execute(delete(_NUMBER).where(_NUMBER.c.person_id == person.id))
    rest = states.remaining(standing.state, frozenset({person.id}), staying)
    after = standing.state.with_members(rest, on=body.on)
    [household] = await bring_about(
        unit,
        "remove" if state == "removed" else "move_out",
        [Outcome(standing.row, after, {} if rest else {"state": "dissolved"})],
        standing.members,
        departures={person.id: Departure({"state": state}, body.on)},
        reason=body.reason,
    )
    return await present_household(unit, household)


def _refusals_of_living(person: Any, body: MemberReturn) -> list[Fault]:
    refusals = []
    if body.on != person.died_on:
        refusals.append(Fault("/on", "not_the_day_of_death", _NOT_THE_DAY))
    if body.reason is None:
        refusals.append(Fault("/reason", "missing", _REASON_NEEDED))
    return refusals


def _refusals_of_joining(
    unit: UnitOfWork, standing: Standing, person: UUID, relation: Relation, *, on: date
) -> list[Fault]:
    state = standing.state
    refusals = states.timing(on, today=unit.clock.today(), households=[])
    refusals += states.liveliness(state, "")
    relations = {member.person: member.relation for member in state.members} | {person: relation}
    refusals += states.roles(relations, state.persons | {person}, "/relation")
    return refusals
