"""Record that somebody died; with the last member a household ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, union_all

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import StateRefused
from services.monitoring.households.actions.patch import locked_person
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.rules.transitions import Death, after_death, refusals_of_death
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.members import DeathRecord, relations_of
from services.monitoring.households.standing import Departure, Outcome, bring_about, load_standing
from services.monitoring.households.tables import Person, PersonHistory

_PERSON: Final = rows(Person)
_HISTORY: Final = rows(PersonHistory)


async def record_death(unit: UnitOfWork, person_id: UUID, body: DeathRecord, *, version: int) -> HouseholdRead:
    """The household without the dead.

    Families report late, so the day may lie before the latest change; the person counts as dead from it on.

    :raises NotFound: if the person is not in the caller's area.
    :raises VersionStale: if ``version`` is not the person's present one.
    :raises StateRefused: with every guard that fails.
    """
    staying = relations_of(body.staying, "/staying")
    person, household = await locked_person(unit, person_id, version=version)
    [standing] = await load_standing(unit, household.id)
    joined_on = await _joined_on(unit, person)
    members = tuple(
        replace(member, joined_on=joined_on) if member.person == person_id else member
        for member in standing.state.members
    )
    death = Death(household=replace(standing.state, members=members), person=person_id, on=body.on, staying=staying)
    refusals = refusals_of_death(death, today=unit.clock.today())
    if refusals:
        raise StateRefused(faults=refusals)
    after = after_death(death)
    [household] = await bring_about(
        unit,
        "record_death",
        [Outcome(standing.row, after, {} if after.members else {"state": "dissolved"})],
        standing.members,
        departures={person_id: Departure({"state": "dead", "died_on": body.on}, body.on)},
    )
    return await present_household(unit, household)


async def _joined_on(unit: UnitOfWork, person: Any) -> date:
    """Since when the person has belonged to the household, without a break."""
    lo, hi = unit.area.lo, unit.area.hi
    elsewhere = select(func.coalesce(func.max(_HISTORY.c.version), 0)).where(
        _HISTORY.c.id == person.id, _HISTORY.c.region.between(lo, hi), _HISTORY.c.household_id != person.household_id
    )
    days = union_all(
        select(_HISTORY.c.valid_from).where(
            _HISTORY.c.id == person.id,
            _HISTORY.c.region.between(lo, hi),
            _HISTORY.c.version > elsewhere.scalar_subquery(),
        ),
        select(_PERSON.c.valid_from).where(_PERSON.c.id == person.id),
    ).subquery()
    joined: date = (await unit.connection.execute(select(func.min(days.c.valid_from)))).scalar_one()
    return joined
