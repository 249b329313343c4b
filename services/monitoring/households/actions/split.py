"""Split a household: some members found one of their own."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from services.monitoring.attention.actions.follow import attention_joins
from services.monitoring.cases.actions.join import case_split
from services.monitoring.clues.actions.join import clues_join
from services.monitoring.datasets.actions.follow import records_follow
from services.monitoring.entitlements.actions.follow import entitlements_join
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.rules.states import fault
from services.monitoring.households.rules.transitions import Split, after_split, refusals_of_split
from services.monitoring.households.schemas.members import HouseholdPair, HouseholdSplit, relations_of
from services.monitoring.households.standing import Outcome, bring_about, load_standing
from services.monitoring.income.actions.follow import lines_join
from services.monitoring.measures.actions.follow import measures_join
from services.monitoring.regions.queries.divisions import village_may_exist
from services.monitoring.registers.actions.follow import registers_join
from services.monitoring.visits.actions.follow import visits_join
from services.monitoring.work.actions.follow import spells_follow

_OUTSIDE: Final = Message(
    "新户所在的村不在您的辖区，请由上级办理。",
    "The village of the new household lies outside your area; have the level above do it.",
)
_INHERITED: Final = ("registration_region", "is_lifted", "lifted_year", "is_resettled")
"""What a household that splits off has in common with the one that it left. Monitoring stays where the case is."""


async def split_household(unit: UnitOfWork, household_id: UUID, body: HouseholdSplit, *, version: int) -> HouseholdPair:
    """The household that stays and the one that begins.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    leaving = relations_of(body.leaving, "/leaving")
    staying = relations_of(body.staying, "/staying")
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    split = Split(
        household=standing.state,
        new_id=body.new_id or new_id(),
        leaving=leaving,
        region=body.region,
        on=body.on,
        staying=staying,
    )
    refusals = list(refusals_of_split(split, today=unit.clock.today()))
    if not unit.area.contains(body.region):
        refusals.append(Fault("/region", "region_outside_area", _OUTSIDE))
    elif body.region != standing.row.region and not await village_may_exist(unit, body.region):
        refusals.append(fault("/region", "village_unknown"))
    if refusals:
        raise StateRefused(faults=refusals)
    stays, begins = after_split(split)
    new: dict[str, Any] = {name: getattr(standing.row, name) for name in _INHERITED}
    new |= {
        "address": body.address,
        "national_no": body.national_no,
        "risks": [],
        "state": "active",
        "origin": "split",
    }
    household, other = await bring_about(
        unit,
        "split",
        [Outcome(standing.row, stays), Outcome(None, begins, new)],
        standing.members,
        dues_later=True,
    )
    await lines_join(unit, left=household.id, household=other.id, persons=list(leaving))
    await spells_follow(unit, [other.id])
    await records_follow(unit, [other.id])
    await clues_join(unit, left=household.id, household=other.id, persons=list(leaving))
    await attention_joins(unit, left=household.id, household=other.id, persons=list(leaving))
    await entitlements_join(unit, left=household.id, household=other.id, persons=list(leaving))
    await measures_join(unit, left=household.id, household=other.id, persons=list(leaving))
    await case_split(unit, household=household.id, other=other)
    await registers_join(unit, left=household.id, household=other.id, persons=list(leaving))
    # Last: what is due follows from all of that.
    await visits_join(unit, left=household.id, household=other.id, region=other.region, persons=list(leaving))
    return HouseholdPair(household=await present_household(unit, household), other=await present_household(unit, other))
