"""One household with its members, as the caller may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.identity_numbers import IdentityNumber, Phone
from chassis.security.masking import mask_address, mask_name
from chassis.security.scope import FIELD, Area, Role
from services.monitoring.codes.monitoring import HEALTH_RISKS
from services.monitoring.households.numbers import HOUSEHOLD, open_sealed
from services.monitoring.households.schemas import HouseholdRead, PersonRead
from services.monitoring.households.tables import Finding, Household, Person

_HOUSEHOLD: Final = rows(Household)
_PERSON: Final = rows(Person)
_FINDING: Final = rows(Finding)

KNOWS_NAMES: Final = FIELD | {Role.COUNTY_OFFICER, Role.TOWN_OFFICER, Role.PROGRAM}
"""Who works with these families and so reads names whole; everybody else sees them masked."""

KNOWS_HEALTH: Final = KNOWS_NAMES
"""Who has a case to work on; nobody else is shown health."""


def shown_risks(unit: UnitOfWork, risks: Sequence[str]) -> list[str]:
    """A household's risks without those that tell of somebody's health, for roles that may not know it."""
    return [risk for risk in risks if risk not in HEALTH_RISKS or unit.actor.role in KNOWS_HEALTH]


async def read_household(unit: UnitOfWork, household_id: UUID) -> HouseholdRead:
    """The household now, members in order of relation and birth.

    :raises NotFound: if there is none in the caller's area.
    """
    household = await household_row(unit, household_id)
    return await present_household(unit, household)


async def household_row(unit: UnitOfWork, household_id: UUID, *, lock: bool = False) -> Any:
    """The row of a household in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(_HOUSEHOLD).where(_HOUSEHOLD.c.id == household_id, _in_area(unit, _HOUSEHOLD))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def person_row(unit: UnitOfWork, person_id: UUID, *, lock: bool = False) -> Any:
    """The row of a person in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(_PERSON).where(_PERSON.c.id == person_id, _in_area(unit, _PERSON))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def member_rows(unit: UnitOfWork, household_id: UUID) -> Sequence[Any]:
    """Every member that the household has or had, the present ones first."""
    statement = (
        select(_PERSON)
        .where(_PERSON.c.household_id == household_id, _in_area(unit, _PERSON))
        .order_by(_PERSON.c.state != "active", _PERSON.c.relation, _PERSON.c.birth_date, _PERSON.c.id)
    )
    return (await unit.connection.execute(statement)).all()


async def present_household(unit: UnitOfWork, household: Any, *, area: Area | None = None) -> HouseholdRead:
    """The household's row with its members as the caller may see them.

    :param area: the caller's own, where the unit reaches beyond it.
    """
    area = area or unit.area
    members = [member for member in await member_rows(unit, household.id) if area.contains(member.region)]
    count = select(func.count()).where(
        _FINDING.c.household_id == household.id,
        _FINDING.c.region.between(area.lo, area.hi),
        _FINDING.c.state == "open",
    )
    return show_household(unit, household, members, open_findings=(await unit.connection.execute(count)).scalar_one())


def show_household(
    unit: UnitOfWork, household: Any, members: Sequence[Any], *, open_findings: int | None
) -> HouseholdRead:
    """A state of a household and of its members as the caller may see it: address and risks by role."""
    phone = open_sealed(unit.vault, household.contact_phone, column="contact_phone", row=household.id, table=HOUSEHOLD)
    known = household._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    shown = {name: known[name] for name in HouseholdRead.model_fields if name in known}
    shown["risks"] = shown_risks(unit, household.risks)
    if household.address is not None and unit.actor.role not in KNOWS_NAMES:
        shown["address"] = mask_address(household.address)
    return HouseholdRead(
        **shown,
        phone_masked=Phone.parse(phone).masked if phone else None,
        members=[show_person(unit, member) for member in members],
        open_findings=open_findings,
    )


def show_person(unit: UnitOfWork, person: Any) -> PersonRead:
    """A state of a person as the caller may see it: numbers masked, name and health by role."""
    role = unit.actor.role
    number = open_sealed(unit.vault, person.identity_number, column="identity_number", row=person.id)
    phone = open_sealed(unit.vault, person.phone, column="phone", row=person.id)
    known = person._mapping  # noqa: SLF001
    shown = {name: known[name] for name in PersonRead.model_fields if name in known}
    shown["name"] = person.name if role in KNOWS_NAMES else mask_name(person.name)
    if role not in KNOWS_HEALTH:
        shown |= {"health": None, "disability_class": None, "disability_level": None}
    return PersonRead(
        **shown,
        identity_number_masked=IdentityNumber(number).masked if number else None,
        phone_masked=Phone.parse(phone).masked if phone else None,
    )


def _in_area(unit: UnitOfWork, table: Any) -> Any:
    """State the range in the query itself; the policy is the backstop."""
    return table.c.region.between(unit.area.lo, unit.area.hi)
