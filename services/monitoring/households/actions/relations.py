"""Correct relations to the head, or name another head (变更户主)."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import StateRefused
from chassis.http.preconditions import require_version
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.rules import states
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.members import RelationsChange, relations_of
from services.monitoring.households.standing import Outcome, bring_about, load_standing


async def change_relations(
    unit: UnitOfWork, household_id: UUID, body: RelationsChange, *, version: int
) -> HouseholdRead:
    """The household with the new relations; what is no change keeps its version.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    changed = relations_of(body.relations, "/relations")
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    state = standing.state
    refusals = states.timing(body.on, today=unit.clock.today(), households=[state])
    refusals += states.liveliness(state, "")
    refusals += states.roles(
        {**{member.person: member.relation for member in state.members}, **changed}, state.persons, "/relations"
    )
    if refusals:
        raise StateRefused(faults=refusals)
    members = states.remaining(state, frozenset(), changed)
    if tuple(members) == state.members:
        return await present_household(unit, standing.row)
    after = state.with_members(members, on=body.on)
    [household] = await bring_about(unit, "change_relations", [Outcome(standing.row, after)], standing.members)
    return await present_household(unit, household)
