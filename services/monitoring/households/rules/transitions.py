"""Split a household, merge two, record a death: every failed guard is named, and the outcome is a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from chassis.errors import Fault
from chassis.security.scope import Level, level_of
from services.monitoring.codes.relations import Relation
from services.monitoring.households.rules.states import (
    Household,
    arriving,
    fault,
    liveliness,
    membership,
    remaining,
    remaining_roles,
    roles,
    timing,
)

_COUNTY = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """分户: ``leaving`` found a new household in ``region``, with their relations there.

    :param staying: new relations of those who stay, needed where the head leaves.
    """

    household: Household
    new_id: UUID
    leaving: Mapping[UUID, Relation]
    region: int
    on: date
    staying: Mapping[UUID, Relation] = field(default_factory=dict)


def refusals_of_split(split: Split, *, today: date) -> tuple[Fault, ...]:
    """Every reason why this split may not be recorded."""
    household, leaving = split.household, frozenset(split.leaving)
    faults = timing(split.on, today=today, households=[household])
    faults += liveliness(household, "/household")
    faults += membership(leaving, household, "/leaving")
    if leaving and not household.persons - leaving:
        faults.append(fault("/leaving", "nobody_stays"))
    faults += roles(split.leaving, leaving, "/leaving")
    faults += remaining_roles(household, leaving, split.staying)
    if level_of(split.region) is not Level.VILLAGE:
        faults.append(fault("/region", "region_not_a_village"))
    if split.region // _COUNTY != household.region // _COUNTY:
        faults.append(fault("/region", "region_outside_county"))
    if split.new_id == household.id:
        faults.append(fault("/new_id", "same_household"))
    return tuple(faults)


def after_split(split: Split) -> tuple[Household, Household]:
    """The household that stays, and the new one. For a split without refusals."""
    household, leaving = split.household, frozenset(split.leaving)
    new = Household(
        id=split.new_id,
        region=split.region,
        changed_on=split.on,
        members=tuple(arriving([m for m in household.members if m.person in leaving], split.leaving, on=split.on)),
    )
    return household.with_members(remaining(household, leaving, split.staying), on=split.on), new


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """并户: all of ``source`` join ``target``; ``relations`` are theirs to the target's head, or new ones of both.

    :param relations: of every member of the source; members of the target may be given new ones too.
    """

    source: Household
    target: Household
    relations: Mapping[UUID, Relation]
    on: date


def refusals_of_merge(merge: Merge, *, today: date) -> tuple[Fault, ...]:
    """Every reason why these households may not be merged."""
    source, target = merge.source, merge.target
    faults = timing(merge.on, today=today, households=[source, target])
    faults += liveliness(source, "/source")
    faults += liveliness(target, "/target")
    if source.id == target.id:
        faults.append(fault("/target", "same_household"))
    if source.region // _COUNTY != target.region // _COUNTY:
        faults.append(fault("/target", "region_outside_county"))
    kept = {member.person: member.relation for member in target.members}
    faults += roles({**kept, **merge.relations}, source.persons | target.persons, "/relations")
    return tuple(faults)


def after_merge(merge: Merge) -> tuple[Household, Household]:
    """The source, ended, and the target with everybody. For a merge without refusals."""
    joined = arriving(merge.source.members, merge.relations, on=merge.on)
    kept = remaining(merge.target, frozenset(), merge.relations)
    return merge.source.with_members([], on=merge.on), merge.target.with_members([*kept, *joined], on=merge.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """死亡 of one member; ``staying`` gives new relations, needed where the head died."""

    household: Household
    person: UUID
    on: date
    staying: Mapping[UUID, Relation] = field(default_factory=dict)


def refusals_of_death(death: Death, *, today: date) -> tuple[Fault, ...]:
    """Every reason why this death may not be recorded.

    A household that waits for an answer to an offer may still record it; the answer then finds that person gone. Nor
    need it be the household's latest change: families report late.
    """
    household, dead = death.household, frozenset({death.person})
    faults = timing(death.on, today=today, households=[])
    faults += [refusal for refusal in liveliness(household, "/household") if refusal.code == "household_ended"]
    faults += membership(dead, household, "/person")
    for member in household.members:
        if member.person == death.person:
            if member.born is not None and death.on < member.born:
                faults.append(fault("/on", "death_before_birth"))
            if death.on < member.joined_on:
                faults.append(fault("/on", "death_before_joining"))
    faults += remaining_roles(household, dead, death.staying)
    return tuple(faults)


def after_death(death: Death) -> Household:
    """The household without the dead; ended if that was its last member. For a death without refusals."""
    household = death.household
    rest = remaining(household, frozenset({death.person}), death.staying)
    later = max(household.changed_on, death.on)
    after = household.with_members(rest, on=later)
    return after if rest else replace(after, ended_on=death.on)
