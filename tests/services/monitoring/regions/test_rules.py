"""Division codes and what becomes of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.scope import Area, Level, level_of
from services.monitoring.codes.regions import DivisionKind, SuccessionKind
from services.monitoring.regions.rules import (
    Division,
    Succession,
    ancestors,
    division_on,
    kind_of,
    parent,
    pasts,
    recode_plan,
    refusals_of_successions,
    successors,
)

SONGPING = 610999101203
QINGXI = 610999101000
YUNLING = 610999000000
DAY = date(2024, 1, 1)
OLD, NEW = date(2000, 1, 1), date(2023, 12, 31)
K = SuccessionKind

codes = st.integers(11 * 10**10, 82 * 10**10)


def division(code, since=OLD, until=None, name="某地"):
    return Division(code, name, since, until)


def test_the_parents_of_a_village():
    assert ancestors(SONGPING) == (QINGXI, YUNLING, 610900000000, 610000000000)
    assert parent(610000000000) is None


def test_towns_of_a_city_without_counties_lie_under_the_city():
    assert ancestors(441900003001) == (441900003000, 441900000000, 440000000000)


def test_a_village_right_under_a_county_is_reached():
    assert parent(610999000201) == YUNLING


def significant_prefix(code):
    """The digits that every code inside the division begins with: ``610999`` for a county."""
    return f"{code:012d}"[: level_of(code)]


@given(codes)
def test_parents_end_at_a_province_and_contain_the_child(code):
    chain = (code, *ancestors(code))
    assert level_of(chain[-1]) is Level.PROVINCE
    assert parent(chain[-1]) is None
    for inner, outer in pairwise(chain):
        assert level_of(outer) < level_of(inner)
        assert Area.of(outer).covers(Area.of(inner))
        assert f"{inner:012d}".startswith(significant_prefix(outer))


@given(codes, codes)
def test_a_code_lies_in_a_division_exactly_when_it_begins_with_its_prefix(code, other):
    assert Area.of(code).contains(other) == f"{other:012d}".startswith(significant_prefix(code))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (610000000000, DivisionKind.PROVINCE),
        (610900000000, DivisionKind.CITY),
        (YUNLING, DivisionKind.COUNTY),
        (610999001000, DivisionKind.STREET),
        (610999099000, DivisionKind.STREET),
        (610999100000, DivisionKind.TOWN),
        (610999199000, DivisionKind.TOWN),
        (610999200000, DivisionKind.TOWNSHIP),
        (610999399000, DivisionKind.TOWNSHIP),
        (610999400000, DivisionKind.LIKE_TOWN),
        (610999101001, DivisionKind.RESIDENTS_COMMITTEE),
        (610999101199, DivisionKind.RESIDENTS_COMMITTEE),
        (610999101200, DivisionKind.VILLAGERS_COMMITTEE),
        (610999101399, DivisionKind.VILLAGERS_COMMITTEE),
        (610999101400, DivisionKind.LIKE_VILLAGE),
    ],
)
def test_the_number_range_tells_the_kind(code, kind):
    assert kind_of(code) is kind


def test_a_renamed_division_keeps_its_code_and_its_old_name():
    rows = [division(QINGXI, OLD, NEW, "清溪乡"), division(QINGXI, DAY, None, "清溪镇")]
    assert division_on(rows, QINGXI, NEW).name == "清溪乡"
    assert division_on(rows, QINGXI, DAY).name == "清溪镇"
    assert division_on(rows, QINGXI, date(1999, 12, 31)) is None
    renamed = [Succession(QINGXI, QINGXI, K.RENAMED, DAY)]
    assert refusals_of_successions(renamed, rows) == ()
    assert recode_plan([QINGXI, SONGPING], renamed).moved == {}


def test_a_recoded_county_takes_its_towns_and_villages_along():
    huili = Succession(513425000000, 513402000000, K.RECODED, date(2021, 1, 20))
    plan = recode_plan([513425000000, 513425101203, 513426101203], [huili])
    assert plan.moved == {513425000000: 513402000000, 513425101203: 513402101203}
    assert plan.undecided == {}
    assert successors(513425101203, [huili], since=OLD, on=date(2021, 1, 20)) == {513402101203}
    assert successors(513425101203, [huili], since=OLD, on=date(2021, 1, 19)) == {513425101203}
    assert successors(513425101203, [huili], since=date(2021, 1, 20), on=DAY) == {513425101203}


def test_a_childs_own_row_goes_before_its_parents():
    rows = [
        Succession(QINGXI, 610999102000, K.RECODED, DAY),
        Succession(SONGPING, 610999102299, K.RECODED, DAY),
    ]
    plan = recode_plan([SONGPING, 610999101204], rows)
    assert plan.moved == {SONGPING: 610999102299, 610999101204: 610999102204}


def test_villages_of_a_merged_town_need_rows_of_their_own():
    rows = [Succession(QINGXI, 610999102000, K.MERGED, DAY), Succession(SONGPING, 610999102210, K.RECODED, DAY)]
    plan = recode_plan([QINGXI, SONGPING, 610999101204], rows)
    assert plan.moved == {QINGXI: 610999102000, SONGPING: 610999102210}
    assert plan.undecided == {610999101204: ()}
    assert successors(610999101204, rows, since=OLD, on=DAY) == frozenset()


def test_a_split_village_is_undecided():
    rows = [Succession(SONGPING, SONGPING, K.SPLIT, DAY), Succession(SONGPING, 610999101299, K.SPLIT, DAY)]
    plan = recode_plan([SONGPING], rows)
    assert (plan.moved, plan.undecided) == ({}, {SONGPING: (SONGPING, 610999101299)})
    assert successors(SONGPING, rows, since=OLD, on=DAY) == {SONGPING, 610999101299}


def test_two_divisions_may_swap_codes_on_one_day_and_chains_are_followed():
    swap = [Succession(QINGXI, 610999102000, K.RECODED, DAY), Succession(610999102000, QINGXI, K.RECODED, DAY)]
    assert successors(QINGXI, swap, since=OLD, on=DAY) == {610999102000}
    later = [*swap, Succession(610999102000, 610999103000, K.MERGED, date(2025, 1, 1))]
    assert successors(QINGXI, later, since=OLD, on=date(2025, 1, 1)) == {610999103000}
    assert successors(610999102000, later, since=OLD, on=date(2025, 1, 1)) == {QINGXI}
    rows = [division(QINGXI), division(610999102000)]
    assert refusals_of_successions(swap, rows) == ()


@pytest.mark.parametrize(
    ("rows", "codes_of_faults"),
    [
        ([Succession(610999105000, 610999101000, K.MERGED, DAY)], ["succession_predecessor_unknown"]),
        ([Succession(QINGXI, 610999105000, K.MERGED, DAY)], ["succession_successor_unknown"]),
        ([Succession(QINGXI, YUNLING, K.MERGED, DAY)], ["succession_level_differs"]),
        ([Succession(QINGXI, QINGXI, K.RECODED, DAY)], ["succession_code_kept"]),
        ([Succession(QINGXI, 610999102000, K.RENAMED, DAY)], ["succession_code_kept"]),
        ([Succession(QINGXI, 610999102000, K.RECODED, DAY)], ["succession_code_taken"]),
        ([Succession(QINGXI, 610999102000, K.SPLIT, DAY)], ["succession_split_alone"]),
        ([Succession(QINGXI, 610999102000, K.MERGED, DAY)] * 2, ["succession_not_single"] * 2),
        ([Succession(QINGXI, 610999102000, K.MERGED, DAY)], []),
    ],
)
def test_every_reason_against_a_succession_is_named(rows, codes_of_faults):
    divisions = [division(YUNLING), division(QINGXI), division(610999102000)]
    assert [fault.code for fault in refusals_of_successions(rows, divisions)] == codes_of_faults


@pytest.mark.parametrize(
    ("recorded", "codes_of_faults"),
    [
        ([Succession(QINGXI, 610999102000, K.MERGED, DAY)], ["succession_recorded"]),
        ([Succession(QINGXI, 610999103000, K.MERGED, DAY)], ["succession_recorded"]),
        ([Succession(QINGXI, QINGXI, K.RENAMED, DAY + timedelta(days=9))], ["succession_recorded"]),
        ([Succession(QINGXI, QINGXI, K.RENAMED, DAY - timedelta(days=9))], []),
        ([Succession(YUNLING, 610998000000, K.RECODED, DAY)], ["succession_taken_along"]),
        # Towns of a merged county wait for rows of their own, which may be of that day.
        ([Succession(YUNLING, 610998000000, K.MERGED, DAY)], []),
    ],
)
def test_what_was_entered_before_stands_against_a_succession(recorded, codes_of_faults):
    divisions = [division(YUNLING), division(QINGXI), division(610999102000)]
    rows = [Succession(QINGXI, 610999102000, K.MERGED, DAY)]
    assert [fault.code for fault in refusals_of_successions(rows, divisions, recorded)] == codes_of_faults


def test_the_past_of_a_division_is_that_of_all_that_it_followed():
    county, other = 610997000000, 610999102000
    entered = [
        Succession(other, QINGXI, K.MERGED, date(2022, 1, 1)),
        Succession(610995101000, QINGXI, K.MERGED, date(2023, 1, 1)),
        Succession(YUNLING, county, K.RECODED, DAY),
        Succession(QINGXI, QINGXI, K.RENAMED, date(2021, 1, 1)),
        # Its code was given to another county later: that one's past is not ours.
        Succession(610990000000, YUNLING, K.RECODED, date(2025, 1, 1)),
    ]
    assert [(past.code, past.until) for past in pasts(county, entered)] == [
        (610995101000, date(2023, 1, 1)),
        (YUNLING, DAY),
        (other, date(2022, 1, 1)),
    ]
    town = county + QINGXI - YUNLING
    assert [(past.code, past.until) for past in pasts(town, entered)] == [
        (610995101000, date(2023, 1, 1)),
        (QINGXI, DAY),
        (other, date(2022, 1, 1)),
    ]
    assert pasts(YUNLING, entered[:1]) == (), "what lay in it lies in it"


def test_what_was_split_is_shared_by_its_parts_as_is_all_that_it_had_followed():
    part, other = 610997000000, 610996000000
    entered = [
        Succession(610995000000, YUNLING, K.RECODED, date(2022, 1, 1)),
        Succession(YUNLING, part, K.SPLIT, DAY),
        Succession(YUNLING, other, K.SPLIT, DAY),
    ]
    assert [(past.code, past.until, past.is_shared) for past in pasts(part, entered)] == [
        (610995000000, date(2022, 1, 1), True),
        (YUNLING, DAY, True),
    ]
