"""Find the people whom a service knows: by id, by number, by household, by division.

Every query but ``require_…`` shows the caller's area alone. Who has died, moved out or was removed stays known, with
that state: a row of a bank may still be about them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import LargeBinary, Select, any_, case, cast, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.engine import SET_AREA
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.subscriptions import PersonUnknown
from chassis.people.tables import known_household, known_number, known_person
from chassis.security.scope import Area

ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """人: a person as monitoring last told.

    :param sex: GB/T 2261.1; ``labour_skill``: monitoring's code, None if not said.
    :param is_lifted: and ``monitoring_type`` (``1``, ``2``, ``3`` or None) are those of the household now.
    :param state: ``active``, ``dead``, ``moved_out`` or ``removed`` (registered by mistake).
    """

    id: UUID
    region: int
    household_id: UUID
    birth_date: date
    sex: str
    labour_skill: str | None
    is_lifted: bool
    monitoring_type: str | None
    state: str
    died_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class KnownHousehold:
    """户: a household as monitoring last told, with its living members in order of id.

    :param member_count: as told; ``members`` may lag behind it for a moment.
    :param state: ``active``, ``dissolved``, ``merged`` or ``moved_out``; ``successor_id``: what it was merged into.
    """

    id: UUID
    region: int
    registration_region: int
    is_lifted: bool
    monitoring_type: str | None
    member_count: int
    state: str
    successor_id: UUID | None
    version: int
    members: tuple[KnownPerson, ...] = ()


async def find_person(unit: UnitOfWork, person_id: UUID) -> KnownPerson | None:
    """A person of the unit's area."""
    return await _person(unit, person_id, unit.area)


async def find_persons(unit: UnitOfWork, person_ids: Collection[UUID]) -> dict[UUID, KnownPerson]:
    """Those of ``person_ids`` who are known in the unit's area."""
    found = await _persons(unit, _selection(unit.area).where(known_person.c.id.in_(list(person_ids))))
    return {person.id: person for person in found}


async def find_by_numbers(unit: UnitOfWork, numbers: Collection[str], *, receiver: str) -> dict[str, KnownPerson]:
    """Who bears each of the canonical ID ``numbers`` in the unit's area; one statement, under every live key.

    A number that two living persons seem to bear is left out: a correction is on its way, and a guess could give one
    person's wage to another.

    :param receiver: the service whose projection this is.
    """
    wanted = unit.vault.identity_numbers.for_service(receiver).candidates_of_many(set(numbers))
    indexes = cast(list(wanted), ARRAY(LargeBinary))
    statement = (
        _selection(unit.area)
        .add_columns(known_number.c.blind_index)
        .join(known_number, known_number.c.person_id == known_person.c.id)
        .where(known_number.c.blind_index == any_(indexes))
    )
    bearers: dict[str, dict[UUID, KnownPerson]] = {}
    for *columns, blind_index in await unit.connection.execute(statement):
        person = KnownPerson(*columns)
        bearers.setdefault(wanted[bytes(blind_index)], {})[person.id] = person
    found = {number: _one_of(persons.values()) for number, persons in bearers.items()}
    return {number: person for number, person in found.items() if person is not None}


async def find_household(unit: UnitOfWork, household_id: UUID) -> KnownHousehold | None:
    """A household of the unit's area, with its living members."""
    return await _household(unit, household_id, unit.area)


async def persons_of_region(
    unit: UnitOfWork, region: int, *, after: tuple[int, UUID] | None = None, limit: int
) -> list[KnownPerson]:
    """Up to ``limit`` persons of a division, by region and id; what lies outside the unit's area is not among them.

    :param after: region and id of the last one of the page before.
    """
    area = Area.of(region)
    keys = tuple_(known_person.c.region, known_person.c.id)
    statement = _selection(unit.area).where(known_person.c.region.between(area.lo, area.hi))
    if after is not None:
        statement = statement.where(keys > tuple_(*after))
    return await _persons(unit, statement.order_by(known_person.c.region, known_person.c.id).limit(limit))


async def require_person(unit: UnitOfWork, person_id: UUID) -> KnownPerson:
    """The person whom an event of another service speaks of, wherever they live by now.

    :raises PersonUnknown: if their own event has not come; the event then waits, and no try is counted.
    """
    return await _require(unit, person_id, _person)


async def require_household(unit: UnitOfWork, household_id: UUID) -> KnownHousehold:
    """The household that an event of another service speaks of, wherever it is managed by now.

    :raises PersonUnknown: if its own event has not come; likewise.
    """
    return await _require(unit, household_id, _household)


Found = TypeVar("Found")


async def _require(
    unit: UnitOfWork,
    id: UUID,  # noqa: A002
    find: Callable[[UnitOfWork, UUID, Area], Awaitable[Found | None]],
) -> Found:
    found = await find(unit, id, unit.area)
    if found is None:
        everywhere = Area.everywhere()
        await unit.connection.execute(SET_AREA, {"lo": str(everywhere.lo), "hi": str(everywhere.hi)})
        found = await find(unit, id, everywhere)
        await unit.connection.execute(SET_AREA, {"lo": str(unit.area.lo), "hi": str(unit.area.hi)})
    if found is None:
        raise PersonUnknown(id)
    return found


async def _person(unit: UnitOfWork, person_id: UUID, area: Area) -> KnownPerson | None:
    found = await _persons(unit, _selection(area).where(known_person.c.id == person_id))
    return found[0] if found else None


async def _household(unit: UnitOfWork, household_id: UUID, area: Area) -> KnownHousehold | None:
    statement = select(known_household).where(
        known_household.c.id == household_id, known_household.c.region.between(area.lo, area.hi)
    )
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        return None
    members = _selection(area).where(known_person.c.household_id == household_id, known_person.c.state == ACTIVE)
    return replace(KnownHousehold(*row), members=tuple(await _persons(unit, members.order_by(known_person.c.id))))


async def _persons(unit: UnitOfWork, statement: Select[Any]) -> list[KnownPerson]:
    return [KnownPerson(*row) for row in await unit.connection.execute(statement)]


def _selection(area: Area) -> Select[Any]:
    """Persons of ``area`` in the order of :class:`KnownPerson`'s fields."""
    own, household = known_person.c, known_household.c
    is_known = household.id.is_not(None)
    current = {
        name: case((is_known, household[name]), else_=own[name]).label(name)
        for name in ("is_lifted", "monitoring_type")
    }
    return (
        select(*(current[field.name] if field.name in current else own[field.name] for field in fields(KnownPerson)))
        .outerjoin_from(known_person, known_household, household.id == own.household_id)
        .where(own.region.between(area.lo, area.hi))
    )


def _one_of(bearers: Collection[KnownPerson]) -> KnownPerson | None:
    """The living one, or the only one."""
    living = [person for person in bearers if person.state == ACTIVE]
    candidates = living or list(bearers)
    return candidates[0] if len(candidates) == 1 else None
