"""Register a household with its members: nobody twice, every error listed, every doubt kept as a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import InvalidInput, NotFound
from chassis.identifiers import new_id
from chassis.identity_numbers import IdentityNumber
from chassis.records import Aggregate
from chassis.security.scope import Area, Level, level_of
from services.monitoring.households.actions.known import refuse_known
from services.monitoring.households.events import household_recorded, person_recorded
from services.monitoring.households.findings import keep_findings
from services.monitoring.households.judge import judge_registration
from services.monitoring.households.known_areas import judged
from services.monitoring.households.numbers import HOUSEHOLD, indexes_for_receivers, seal
from services.monitoring.households.queries.one import read_household
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdCreate, HouseholdRead, PersonCreate
from services.monitoring.households.tables import Household, Person, PersonNumber
from services.monitoring.regions.queries.divisions import village_may_exist

_HOUSEHOLD: Final = rows(Household)
_PERSON: Final = rows(Person)
_NUMBER: Final = rows(PersonNumber)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A member about to be registered: their id and what was said of them."""

    id: UUID
    body: PersonCreate


async def register_household(unit: UnitOfWork, body: HouseholdCreate) -> HouseholdRead:
    """Register ``body`` and say so.

    :raises InvalidInput: with every rule that it breaks (clause B12's errors), or for a village that is none today.
    :raises NotFound: if the village lies outside the caller's area.
    :raises AlreadyRegistered: if a member stands in the caller's area already; RegistrationClash if elsewhere.
    """
    if not unit.area.covers(Area.of(body.region)):
        raise NotFound
    if level_of(body.region) is not Level.VILLAGE:
        raise InvalidInput(faults=[fault("/region", "region_not_a_village")])
    if not await village_may_exist(unit, body.region):
        raise InvalidInput(faults=[fault("/region", "village_unknown")])
    today = unit.clock.today()
    if body.valid_from is not None and body.valid_from > today:
        raise InvalidInput(faults=[fault("/valid_from", "change_after_today")])
    verdict = await judged(
        unit,
        body.region,
        lambda thresholds, known: judge_registration(body, today=today, thresholds=thresholds, known_areas=known),
    )
    if verdict.errors:
        raise InvalidInput(faults=verdict.errors)
    members = [NewPerson(member.id or new_id(), member) for member in body.members]
    numbered = {f"/members/{place}": member.identity_number for place, member in enumerate(body.members)}
    await refuse_known(unit, body.region, numbered)

    household_id = body.id or new_id()
    household: dict[str, Any] = {
        "id": household_id,
        "region": body.region,
        "registration_region": body.registration_region or body.region,
        "national_no": body.national_no,
        "address": body.address,
        "is_lifted": body.is_lifted,
        "lifted_year": body.lifted_year,
        "is_resettled": body.is_resettled,
        "risks": [],
        "land_mu_hundredths": body.land_mu_hundredths,
        "member_count": len(members),
        "state": "active",
        "origin": "registered",
        "version": 1,
        "valid_from": body.valid_from or today,
    }
    household["contact_phone"] = seal(unit.vault, body.phone, column="contact_phone", row=household_id, table=HOUSEHOLD)
    saved = (await unit.connection.execute(insert(_HOUSEHOLD).values(household).returning(_HOUSEHOLD))).one()
    people = [person_values(unit, member, household) | {"recorded_at": saved.recorded_at} for member in members]
    saved_people = (await unit.connection.execute(insert(_PERSON).returning(_PERSON), people)).all()
    numbers = number_rows(unit, members)
    if numbers:
        await unit.connection.execute(insert(_NUMBER), numbers)
    by_id = {member.id: member.body.identity_number for member in members}
    await keep_findings(unit, saved, verdict.doubts_of(members))
    _record(unit, saved, saved_people, by_id)
    return await read_household(unit, saved.id)


def person_values(unit: UnitOfWork, member: NewPerson, household: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a new person: numbers sealed, birth date and sex from the ID number where there is one."""
    body, number = member.body, member.body.identity_number
    plain = body.model_dump(
        exclude={"id", "identity_number", "disability_number", "phone", "birth_date", "sex"}, mode="json"
    )
    return {
        **plain,
        "id": member.id,
        "region": household["region"],
        "household_id": household["id"],
        "birth_date": number.birth_date if number else body.birth_date,
        "sex": number.sex_code if number else body.sex,
        "identity_number": seal(unit.vault, number, column="identity_number", row=member.id),
        "disability_number": seal(unit.vault, body.disability_number, column="disability_number", row=member.id),
        "disability_class": body.disability_number.class_code if body.disability_number else None,
        "disability_level": body.disability_number.level_code if body.disability_number else None,
        "phone": seal(unit.vault, body.phone, column="phone", row=member.id),
        "state": "active",
        "version": 1,
        "valid_from": household["valid_from"],
    }


def number_rows(unit: UnitOfWork, members: Sequence[NewPerson]) -> list[dict[str, Any]]:
    """The rows that find each member by number."""
    index = unit.vault.identity_numbers.of
    return [
        {"blind_index": index(member.body.identity_number.value), "person_id": member.id, "kind": "current"}
        for member in members
        if member.body.identity_number is not None
    ]


def _record(
    unit: UnitOfWork, household: Any, people: Sequence[Any], numbers: Mapping[UUID, IdentityNumber | None]
) -> None:
    unit.record(
        "household.register",
        Aggregate("household", household.id, household.region, household.version),
        event=household_recorded(household),
    )
    for person in people:
        indexes = indexes_for_receivers(unit.vault, numbers[person.id])
        unit.record(
            "person.register",
            Aggregate("person", person.id, person.region, person.version),
            event=person_recorded(person, household, indexes),
        )
