"""Let a household leave the platform's area, and come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.security.scope import Level, level_of
from services.monitoring.cases.actions.follow import looked_at_afresh
from services.monitoring.codes.relations import Relation
from services.monitoring.households.actions.follow import everything_follows
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.rules import states
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.members import HouseholdMoveBack, HouseholdMoveOut
from services.monitoring.households.standing import Departure, Outcome, bring_about, load_standing
from services.monitoring.households.tables import Person
from services.monitoring.regions.queries.divisions import village_may_exist

_PERSON: Final = rows(Person)
_NOT_AWAY = Message("该户不是已迁出状态。", "The household has not moved out.")


async def move_out(unit: UnitOfWork, household_id: UUID, body: HouseholdMoveOut, *, version: int) -> HouseholdRead:
    """The household, moved out with all of its members.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    refusals = states.timing(body.on, today=unit.clock.today(), households=[standing.state])
    refusals += states.liveliness(standing.state, "")
    if refusals:
        raise StateRefused(faults=refusals)
    [household] = await bring_about(
        unit,
        "move_out",
        [Outcome(standing.row, standing.state.with_members([], on=body.on), {"state": "moved_out"})],
        standing.members,
        departures={person: Departure({"state": "moved_out"}, body.on) for person in standing.members},
        reason=body.reason,
    )
    return await present_household(unit, household)


async def move_back(unit: UnitOfWork, household_id: UUID, body: HouseholdMoveBack, *, version: int) -> HouseholdRead:
    """The household, living here again with those who left with it.

    A case that went on waiting goes on; one that ended naturally has ended, and its household is looked at afresh.

    :raises NotFound: if it, or the village where it lives now, is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    region = body.region or standing.row.region
    if not unit.area.contains(region):
        raise NotFound
    refusals = states.timing(body.on, today=unit.clock.today(), households=[standing.state])
    if standing.row.state != "moved_out":
        refusals.append(Fault("", "household_not_away", _NOT_AWAY))
    if level_of(region) is not Level.VILLAGE:
        refusals.append(states.fault("/region", "region_not_a_village"))
    elif not await village_may_exist(unit, region):
        refusals.append(states.fault("/region", "village_unknown"))
    if refusals:
        raise StateRefused(faults=refusals)
    left = select(_PERSON).where(
        _PERSON.c.household_id == household_id,
        _PERSON.c.region.between(unit.area.lo, unit.area.hi),
        _PERSON.c.state == "moved_out",
        # Who had moved out alone on an earlier day comes back by a call of their own.
        _PERSON.c.valid_from == standing.row.valid_from,
    )
    persons = {row.id: row for row in await unit.connection.execute(left.order_by(_PERSON.c.id).with_for_update())}
    back = [
        states.Member(person=row.id, relation=Relation(row.relation), joined_on=body.on, born=row.birth_date)
        for row in persons.values()
    ]
    after = replace(standing.state, region=region).with_members(back, on=body.on)
    [household] = await bring_about(
        unit,
        "move_back",
        [Outcome(standing.row, after, {"state": "active"})],
        persons,
        values={person: {"state": "active"} for person in persons},
    )
    await everything_follows(unit, [household_id])
    await looked_at_afresh(unit, household)
    return await present_household(unit, household)
