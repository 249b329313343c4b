"""Merge two households: one ends, the other goes on with everybody."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import StateRefused
from chassis.http.preconditions import require_version
from services.monitoring.attention.actions.follow import attention_joins
from services.monitoring.cases.actions.join import cases_join
from services.monitoring.clues.actions.join import clues_join
from services.monitoring.comparisons.actions.follow import comparisons_join
from services.monitoring.consents.actions.follow import consents_join
from services.monitoring.datasets.actions.follow import records_follow
from services.monitoring.entitlements.actions.follow import entitlements_join
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.rules.transitions import Merge, after_merge, refusals_of_merge
from services.monitoring.households.schemas.members import HouseholdMerge, HouseholdPair, relations_of
from services.monitoring.households.standing import Outcome, bring_about, load_standing
from services.monitoring.income.actions.follow import lines_join
from services.monitoring.interviews.actions.follow import interviews_join
from services.monitoring.measures.actions.follow import measures_join
from services.monitoring.registers.actions.follow import registers_join
from services.monitoring.visits.actions.follow import visits_join
from services.monitoring.work.actions.follow import spells_follow


async def merge_households(
    unit: UnitOfWork, household_id: UUID, body: HouseholdMerge, *, version: int
) -> HouseholdPair:
    """The household that ended, naming its successor, and the one that goes on.

    :raises NotFound: if one of them is not in the caller's area.
    :raises VersionStale: if ``version`` or ``into_version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    relations = relations_of(body.relations, "/relations")
    source, target = await load_standing(unit, household_id, body.into)
    require_version(version, source.row.version)
    require_version(body.into_version, target.row.version)
    merge = Merge(source=source.state, target=target.state, relations=relations, on=body.on)
    refusals = refusals_of_merge(merge, today=unit.clock.today())
    if refusals:
        raise StateRefused(faults=refusals)
    ends, goes_on = after_merge(merge)
    household, other = await bring_about(
        unit,
        "merge",
        [
            Outcome(source.row, ends, {"state": "merged", "successor_id": target.row.id}),
            Outcome(target.row, goes_on),
        ],
        {**source.members, **target.members},
        dues_later=True,
    )
    await lines_join(unit, left=household.id, household=other.id)
    await spells_follow(unit, [other.id])
    await records_follow(unit, [other.id])
    await clues_join(unit, left=household.id, household=other.id)
    await attention_joins(unit, left=household.id, household=other.id)
    await entitlements_join(unit, left=household.id, household=other.id)
    await cases_join(unit, left=household.id, household=other.id)
    await consents_join(unit, left=household.id, household=other.id)
    await comparisons_join(unit, left=household.id, household=other.id)
    await interviews_join(unit, left=household.id, household=other.id)
    await measures_join(unit, left=household.id, household=other.id)
    await registers_join(unit, left=household.id, household=other.id)
    # Last: what is due follows from all of that.
    await visits_join(unit, left=household.id, household=other.id, region=other.region)
    return HouseholdPair(household=await present_household(unit, household), other=await present_household(unit, other))
