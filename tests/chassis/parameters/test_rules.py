"""The most specific scope in force wins, as known now and as known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.identifiers import new_id
from chassis.parameters.rules import NATION, ParameterRow, ParameterState, resolve, scopes_of, succession

VILLAGE, TOWN, COUNTY, CITY, PROVINCE = 610999101203, 610999101000, 610999000000, 610900000000, 610000000000
SCOPES = (VILLAGE, TOWN, COUNTY, CITY, PROVINCE, NATION)
APPROVED = datetime(2024, 1, 1, tzinfo=UTC)
DAY = date(2024, 6, 3)


def make_row(scope: int = COUNTY, start: date = date(2024, 1, 1), end: date | None = None, **changes) -> ParameterRow:
    row = ParameterRow(
        id=new_id(),
        scope=scope,
        key="cases.verify.days",
        effective_from=start,
        effective_to=end,
        value=scope,
        unit="天",
        source="test",
        state=ParameterState.ACTIVE,
        approved_at=APPROVED,
    )
    return replace(row, **changes)


@pytest.mark.parametrize(
    ("region", "scopes"),
    [
        (VILLAGE, SCOPES),
        (TOWN, SCOPES[1:]),
        (COUNTY, SCOPES[2:]),
        (CITY, SCOPES[3:]),
        (PROVINCE, SCOPES[4:]),
    ],
)
def test_a_division_lies_in_every_scope_above_it(region, scopes):
    assert scopes_of(region) == scopes


@given(st.sets(st.sampled_from(SCOPES)), st.sampled_from([VILLAGE, COUNTY, PROVINCE]))
def test_the_most_specific_scope_that_has_a_value_wins(present, region):
    rows = [make_row(scope) for scope in present]
    found = resolve(rows, "cases.verify.days", region=region, on=DAY)
    expected = next((scope for scope in scopes_of(region) if scope in present), None)
    assert (None if found is None else found.value) == expected


def test_a_value_holds_from_its_first_to_its_last_day():
    row = make_row(start=date(2024, 6, 3), end=date(2024, 6, 5))
    days = [date(2024, 6, day) for day in range(1, 8)]
    assert [day.day for day in days if resolve([row], row.key, region=VILLAGE, on=day)] == [3, 4, 5]


def test_a_specific_value_that_has_ended_gives_way_to_the_wider_one():
    rows = [make_row(COUNTY, end=date(2024, 5, 31)), make_row(PROVINCE)]
    found = resolve(rows, "cases.verify.days", region=VILLAGE, on=DAY)
    assert found is not None
    assert found.scope == PROVINCE


@pytest.mark.parametrize("state", [ParameterState.PROPOSED, ParameterState.WITHDRAWN])
def test_what_is_not_active_does_not_hold(state):
    assert resolve([make_row(state=state)], "cases.verify.days", region=VILLAGE, on=DAY) is None


def test_another_key_and_another_county_do_not_count():
    rows = [make_row(key="other.key"), make_row(610998000000)]
    assert resolve(rows, "cases.verify.days", region=VILLAGE, on=DAY) is None


def test_as_known_then_a_value_holds_as_it_did_before_it_was_followed_or_withdrawn():
    later, latest = APPROVED + timedelta(days=90), APPROVED + timedelta(days=120)
    former = make_row(
        end=date(2024, 4, 30), ended_at=later, state=ParameterState.ACTIVE, value="former", ended_by=new_id()
    )
    follower = make_row(
        start=date(2024, 5, 1),
        state=ParameterState.WITHDRAWN,
        approved_at=later,
        withdrawn_at=latest,
        value="follower",
    )

    def known(at: datetime) -> object:
        found = resolve([former, follower], former.key, region=VILLAGE, on=DAY, known_at=at)
        return None if found is None else found.value

    assert known(APPROVED - timedelta(days=1)) is None
    assert known(later - timedelta(days=1)) == "former"
    assert known(later) == "follower"
    assert known(latest) is None


def test_an_open_value_ends_the_open_one_before_it():
    former, new = make_row(), make_row(start=date(2024, 7, 1))
    place = succession(new, [former, new])
    assert (place.ends, place.blocked_by, place.last_day) == ((former,), (), date(2024, 6, 30))


@pytest.mark.parametrize(
    ("other", "new"),
    [
        ((date(2024, 1, 1), None), (date(2024, 7, 1), date(2024, 12, 31))),
        ((date(2024, 1, 1), date(2024, 12, 31)), (date(2024, 7, 1), None)),
        ((date(2024, 7, 1), None), (date(2024, 1, 1), None)),
        ((date(2024, 7, 1), None), (date(2024, 7, 1), None)),
    ],
)
def test_any_other_overlap_is_refused(other, new):
    row = make_row(start=other[0], end=other[1])
    place = succession(make_row(start=new[0], end=new[1]), [row])
    assert (place.ends, place.blocked_by) == ((), (row,))


def test_values_side_by_side_leave_each_other_alone():
    rows = [make_row(end=date(2024, 6, 30)), make_row(PROVINCE), make_row(key="other.key")]
    place = succession(make_row(start=date(2024, 7, 1)), rows)
    assert (place.ends, place.blocked_by) == ((), ())
