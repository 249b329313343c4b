"""Splits, merges, deaths and moves: every failed guard is named, and nobody is lost or doubled."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.codes.changes import MoveOfferState
from services.monitoring.codes.relations import HEADS, Relation
from services.monitoring.households.rules.moving import (
    Acceptance,
    MoveOffer,
    after_acceptance,
    refusals_of_acceptance,
    refusals_of_offer,
)
from services.monitoring.households.rules.states import Household, Member
from services.monitoring.households.rules.transitions import (
    Death,
    Merge,
    Split,
    after_death,
    after_merge,
    after_split,
    refusals_of_death,
    refusals_of_merge,
    refusals_of_split,
)

TODAY = date(2024, 6, 3)
SINCE = date(2024, 1, 1)
R = Relation
SONGPING, OTHER_VILLAGE, OTHER_COUNTY = 610999101203, 610999102201, 610998101201
DASHAN, XIULAN, SON, DAUGHTER, FATHER, GUEST = (UUID(int=n) for n in range(1, 7))
NEW = UUID(int=99)


def member(person, relation, born=None):
    return Member(person=person, relation=relation, joined_on=SINCE, born=born)


A = Household(
    id=UUID(int=10),
    region=SONGPING,
    changed_on=SINCE,
    members=(
        member(DASHAN, R.HEAD, date(1974, 3, 12)),
        member(XIULAN, R.SPOUSE),
        member(SON, R.SON),
        member(DAUGHTER, R.DAUGHTER),
        member(FATHER, R.FATHER),
    ),
)
B = Household(id=UUID(int=11), region=SONGPING, changed_on=SINCE, members=(member(GUEST, R.HEAD),))
OFFER = MoveOffer(
    id=UUID(int=20), household=A, leaving=A.persons, destination=610998000000, offered_on=date(2024, 5, 1)
)
ACCEPTANCE = Acceptance(
    offer=OFFER,
    household=replace(A, open_offer=OFFER.id),
    region=OTHER_COUNTY,
    on=date(2024, 5, 6),
    new_id=NEW,
)


def split(**changes):
    return replace(
        Split(household=A, new_id=NEW, leaving={SON: R.HEAD}, region=OTHER_VILLAGE, on=date(2024, 5, 1)), **changes
    )


def codes(faults):
    return [fault.code for fault in faults]


def relations_of(household):
    return {one.person: one.relation for one in household.members}


def test_a_son_founds_his_own_household():
    assert refusals_of_split(split(), today=TODAY) == ()
    old, new = after_split(split())
    assert relations_of(new) == {SON: R.HEAD}
    assert (new.id, new.region, new.changed_on) == (NEW, OTHER_VILLAGE, date(2024, 5, 1))
    assert new.members[0].joined_on == date(2024, 5, 1)
    assert old.persons == A.persons - {SON}
    assert old.members[0].joined_on == SINCE
    assert old.ended_on is None


def test_when_the_head_leaves_somebody_else_is_named():
    leaving = {DASHAN: R.HEAD, FATHER: R.FATHER}
    assert codes(refusals_of_split(split(leaving=leaving), today=TODAY)) == ["one_head_needed"]
    right = split(leaving=leaving, staying={XIULAN: R.HEAD})
    assert refusals_of_split(right, today=TODAY) == ()
    old, new = after_split(right)
    assert relations_of(old) == {XIULAN: R.HEAD, SON: R.SON, DAUGHTER: R.DAUGHTER}
    assert relations_of(new) == leaving


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"on": date(2024, 6, 4)}, ["change_after_today"]),
        ({"on": date(2023, 12, 31)}, ["change_before_the_last"]),
        ({"leaving": {}}, ["nobody_named"]),
        ({"leaving": {GUEST: R.HEAD}}, ["not_a_member"]),
        ({"leaving": {SON: R.SON}}, ["one_head_needed"]),
        ({"leaving": {one.person: one.relation for one in A.members}}, ["nobody_stays"]),
        ({"staying": {GUEST: R.SON}}, ["relation_of_a_stranger"]),
        ({"staying": {XIULAN: R.HEAD}}, ["one_head_needed"]),
        ({"region": 610999102000}, ["region_not_a_village"]),
        ({"region": OTHER_COUNTY}, ["region_outside_county"]),
        ({"new_id": A.id}, ["same_household"]),
        ({"household": replace(A, ended_on=SINCE)}, ["household_ended"]),
        ({"household": replace(A, open_offer=OFFER.id)}, ["household_has_open_offer"]),
        (
            {"on": date(2024, 6, 4), "leaving": {GUEST: R.SON}, "region": 610998000000},
            ["change_after_today", "not_a_member", "one_head_needed", "region_not_a_village", "region_outside_county"],
        ),
    ],
)
def test_every_guard_against_a_split_is_named(changes, expected):
    assert codes(refusals_of_split(split(**changes), today=TODAY)) == expected


def merge(**changes):
    return replace(Merge(source=B, target=A, relations={GUEST: R.OTHER_KIN}, on=TODAY), **changes)


def test_a_lone_relative_joins_a_household():
    assert refusals_of_merge(merge(), today=TODAY) == ()
    source, target = after_merge(merge())
    assert (source.members, source.ended_on) == ((), TODAY)
    assert target.persons == A.persons | {GUEST}
    assert relations_of(target)[GUEST] is R.OTHER_KIN
    assert {one.person: one.joined_on for one in target.members}[GUEST] == TODAY
    assert {one.person: one.joined_on for one in target.members}[SON] == SINCE


def test_the_joining_head_may_become_the_head_of_both():
    right = merge(relations={GUEST: R.HEAD, DASHAN: R.OTHER_KIN})
    assert refusals_of_merge(right, today=TODAY) == ()
    assert relations_of(after_merge(right)[1])[DASHAN] is R.OTHER_KIN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"relations": {}}, ["relation_not_given"]),
        ({"relations": {GUEST: R.HEAD}}, ["one_head_needed"]),
        ({"relations": {GUEST: R.SON, NEW: R.SON}}, ["relation_of_a_stranger"]),
        ({"target": replace(A, region=OTHER_COUNTY)}, ["region_outside_county"]),
        ({"target": B, "relations": {GUEST: R.HEAD}}, ["same_household"]),
        ({"source": replace(B, open_offer=OFFER.id)}, ["household_has_open_offer"]),
        ({"target": replace(A, ended_on=SINCE)}, ["household_ended"]),
        ({"on": date(2024, 6, 4)}, ["change_after_today"]),
        ({"target": replace(A, changed_on=date(2024, 6, 4))}, ["change_before_the_last"]),
    ],
)
def test_every_guard_against_a_merge_is_named(changes, expected):
    assert codes(refusals_of_merge(merge(**changes), today=TODAY)) == expected


def test_the_death_of_a_head_names_the_next():
    death = Death(household=A, person=DASHAN, on=TODAY, staying={XIULAN: R.HEAD})
    assert refusals_of_death(death, today=TODAY) == ()
    after = after_death(death)
    assert after.persons == A.persons - {DASHAN}
    assert relations_of(after)[XIULAN] is R.HEAD
    assert after.ended_on is None


def test_the_death_of_the_last_member_ends_the_household():
    death = Death(household=B, person=GUEST, on=date(2024, 3, 1))
    assert refusals_of_death(death, today=TODAY) == ()
    after = after_death(death)
    assert (after.members, after.ended_on) == ((), date(2024, 3, 1))


def test_a_death_may_be_reported_late_and_while_an_offer_waits():
    waiting = replace(A, changed_on=date(2024, 5, 1), open_offer=OFFER.id)
    death = Death(household=waiting, person=FATHER, on=date(2024, 4, 1))
    assert refusals_of_death(death, today=TODAY) == ()
    assert after_death(death).changed_on == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"person": GUEST}, ["not_a_member"]),
        ({"person": DASHAN}, ["one_head_needed"]),
        ({"on": date(2024, 6, 4)}, ["change_after_today"]),
        ({"on": date(2023, 12, 31)}, ["death_before_joining"]),
        (
            {"person": DASHAN, "on": date(1974, 3, 11), "staying": {XIULAN: R.HEAD}},
            ["death_before_birth", "death_before_joining"],
        ),
        ({"household": replace(A, ended_on=SINCE)}, ["household_ended"]),
    ],
)
def test_every_guard_against_a_death_is_named(changes, expected):
    death = replace(Death(household=A, person=FATHER, on=TODAY), **changes)
    assert codes(refusals_of_death(death, today=TODAY)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"destination": OTHER_COUNTY}, []),
        ({"leaving": frozenset({SON})}, []),
        ({"leaving": frozenset()}, ["nobody_named"]),
        ({"leaving": frozenset({GUEST})}, ["not_a_member"]),
        ({"leaving": frozenset({DASHAN})}, ["one_head_needed"]),
        ({"destination": 610900000000}, ["destination_too_wide", "already_there"]),
        ({"destination": SONGPING}, ["already_there"]),
        ({"offered_on": date(2024, 6, 4)}, ["change_after_today"]),
        ({"household": replace(A, open_offer=NEW)}, ["household_has_open_offer"]),
    ],
)
def test_every_guard_against_an_offer_is_named(changes, expected):
    assert codes(refusals_of_offer(replace(OFFER, **changes), today=TODAY)) == expected


def test_a_whole_household_moves_and_stays_the_same_household():
    assert refusals_of_acceptance(ACCEPTANCE, today=TODAY) == ()
    left, there = after_acceptance(ACCEPTANCE)
    assert left == there
    assert (there.id, there.region, there.open_offer) == (A.id, OTHER_COUNTY, None)
    assert relations_of(there) == relations_of(A)
    assert {one.joined_on for one in there.members} == {SINCE}


def test_a_daughter_marries_into_a_household_of_another_county():
    offer = replace(OFFER, leaving=frozenset({DAUGHTER}))
    target = replace(B, region=OTHER_COUNTY)
    acceptance = replace(ACCEPTANCE, offer=offer, target=target, relations={DAUGHTER: R.WIFE})
    assert refusals_of_acceptance(acceptance, today=TODAY) == ()
    left, there = after_acceptance(acceptance)
    assert (left.persons, left.open_offer) == (A.persons - {DAUGHTER}, None)
    assert relations_of(there) == {GUEST: R.HEAD, DAUGHTER: R.WIFE}
    assert there.id == B.id


def test_a_son_founds_a_household_in_another_county():
    acceptance = replace(ACCEPTANCE, offer=replace(OFFER, leaving=frozenset({SON})), relations={SON: R.HEAD})
    assert refusals_of_acceptance(acceptance, today=TODAY) == ()
    _, there = after_acceptance(acceptance)
    assert (there.id, there.region, relations_of(there)) == (NEW, OTHER_COUNTY, {SON: R.HEAD})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"on": date(2024, 4, 30)}, ["accepted_before_offer"]),
        ({"on": date(2024, 6, 4)}, ["change_after_today"]),
        ({"offer": replace(OFFER, state=MoveOfferState.WITHDRAWN)}, ["offer_answered"]),
        (
            {"household": replace(A, members=A.members[:-1])},
            ["offer_person_gone", "relation_not_given"],
        ),
        ({"region": 610998101000}, ["region_not_a_village"]),
        ({"region": SONGPING}, ["region_outside_destination"]),
        ({"target": B, "relations": dict.fromkeys(A.persons, R.OTHER_KIN)}, ["target_elsewhere"]),
        ({"target": replace(B, region=OTHER_COUNTY)}, ["relation_not_given"]),
        ({"relations": {XIULAN: R.HEAD}}, ["one_head_needed"]),
        ({"offer": replace(OFFER, leaving=frozenset({SON}))}, ["relation_not_given", "one_head_needed"]),
    ],
)
def test_every_guard_against_an_acceptance_is_named(changes, expected):
    assert codes(refusals_of_acceptance(replace(ACCEPTANCE, **changes), today=TODAY)) == expected


@given(
    st.sets(st.sampled_from(sorted(A.persons))), st.dictionaries(st.sampled_from(sorted(A.persons)), st.sampled_from(R))
)
def test_a_split_that_is_not_refused_keeps_everybody_once_under_one_head(leaving, staying):
    wanted = split(
        leaving={person: R.HEAD if person == min(leaving) else R.OTHER_KIN for person in leaving},
        staying={person: relation for person, relation in staying.items() if person not in leaving},
    )
    if refusals_of_split(wanted, today=TODAY):
        return
    old, new = after_split(wanted)
    assert sorted([*relations_of(old), *relations_of(new)]) == sorted(A.persons)
    for household in (old, new):
        assert sum(one.relation in HEADS for one in household.members) == 1
