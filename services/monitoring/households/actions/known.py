"""Refuse to register anybody twice: named in one's own area, by one neutral answer elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.identity_numbers import IdentityNumber
from services.monitoring.households.actions.clashes import report_clash
from services.monitoring.households.errors import AlreadyRegistered, RegistrationClash
from services.monitoring.households.owners import find_owners
from services.monitoring.households.tables import Person

_PERSON: Final = rows(Person)


async def refuse_known(unit: UnitOfWork, region: int, numbered: Mapping[str, IdentityNumber | None]) -> None:
    """Check the numbers of people who are about to be registered in ``region``, by the pointers to them.

    A race that this misses is caught by the table and runs again.

    :raises AlreadyRegistered: if somebody of the caller's area holds, or held, one of the numbers.
    :raises RegistrationClash: if somebody elsewhere does; their county gets a task.
    """
    places = {number.value: pointer for pointer, number in numbered.items() if number is not None}
    owners = await find_owners(unit.connection, unit.vault, list(places))
    if not owners:
        return
    visible = select(_PERSON.c.id, _PERSON.c.household_id).where(
        _PERSON.c.id.in_(owners.values()), _PERSON.c.region.between(unit.area.lo, unit.area.hi)
    )
    mine = {row.id: row.household_id for row in await unit.connection.execute(visible)}
    foreign = [owner for owner in owners.values() if owner not in mine]
    if foreign:
        unit.if_refused(report_clash(foreign, claimed_region=region, on=unit.clock.today()))
        raise RegistrationClash
    faults = [
        Fault(f"{places[number]}/identity_number", AlreadyRegistered.code, AlreadyRegistered.title) for number in owners
    ]
    known = [{"person_id": str(owner), "household_id": str(mine[owner])} for owner in owners.values()]
    raise AlreadyRegistered(faults=faults, extra={"registered": known})
