"""Terms are counted by the year's arrangement, and an unknown year is said to be one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar.published import published_calendar
from chassis.calendar.rules import Calendar, DayCount, Notice, add_days

KNOWN = published_calendar()
COUNTY, PROVINCE, NATION = 610999000000, 610000000000, 0
SCOPES = (COUNTY, PROVINCE, NATION)
days = st.dates(date(2005, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2024, 6, 3), True),
        (date(2024, 6, 8), False),
        (date(2024, 6, 10), False),  # 端午
        (date(2024, 2, 4), True),  # a Sunday worked for the Spring Festival
        (date(2024, 2, 12), False),
        (date(2024, 10, 12), True),  # a Saturday worked for the National Day
    ],
)
def test_the_published_arrangement_is_known(day, working):
    assert (KNOWN.is_working(day), KNOWN.is_estimated(day)) == (working, False)


def test_past_the_published_years_weekends_count_and_the_answer_says_so():
    year = max(KNOWN.known_years) + 1
    new_year = date(year, 10, 1)
    assert (KNOWN.is_working(new_year), KNOWN.is_estimated(new_year)) == (new_year.weekday() < 5, True)


def test_a_term_of_days_counts_from_the_day_after():
    assert add_days(KNOWN, date(2024, 6, 3), 15, kind=DayCount.CALENDAR).day == date(2024, 6, 18)


def test_a_term_of_working_days_passes_over_holidays():
    assert add_days(KNOWN, date(2024, 6, 6), 2, kind=DayCount.WORKING).day == date(2024, 6, 11)


def test_a_term_that_reaches_an_unknown_year_says_so():
    last = date(max(KNOWN.known_years), 12, 31)
    assert not add_days(KNOWN, last - timedelta(days=10), 2, kind=DayCount.WORKING).is_estimated
    assert add_days(KNOWN, last, 5, kind=DayCount.WORKING).is_estimated
    assert not add_days(KNOWN, last, 5, kind=DayCount.CALENDAR).is_estimated


@given(days, st.integers(1, 200))
def test_counting_undoes_adding(start, count):
    end = add_days(KNOWN, start, count, kind=DayCount.WORKING).day
    assert KNOWN.is_working(end)
    after = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
    assert sum(map(KNOWN.is_working, after)) == count


@given(days, st.integers(-100, 100), st.sampled_from(DayCount))
def test_a_later_start_never_ends_earlier(start, count, kind):
    one = add_days(KNOWN, start, count, kind=kind).day
    other = add_days(KNOWN, start + timedelta(days=1), count, kind=kind).day
    assert one <= other


@given(days, st.integers(1, 100))
def test_counting_back_lands_on_the_working_day_it_came_from(start, count):
    first = add_days(KNOWN, start, 1, kind=DayCount.WORKING).day
    end = add_days(KNOWN, first, count, kind=DayCount.WORKING).day
    assert add_days(KNOWN, end, -count, kind=DayCount.WORKING).day == first


def test_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="3660"):
        add_days(KNOWN, date(2024, 1, 1), 4000, kind=DayCount.WORKING)


def test_a_whole_notice_replaces_what_was_known_of_its_year_and_only_of_its_year():
    corrected = Notice(COUNTY, 2024, whole=True, days={date(2024, 6, 7): False})
    calendar = Calendar.layered(KNOWN, [corrected], scopes=SCOPES)
    assert not calendar.is_working(date(2024, 6, 7))
    assert calendar.is_working(date(2024, 6, 10))
    assert not calendar.is_working(date(2023, 10, 2))


def test_a_whole_notice_makes_an_unknown_year_known():
    notice = Notice(PROVINCE, 2027, whole=True, days={date(2027, 1, 1): False, date(2026, 12, 31): False})
    calendar = Calendar.layered(KNOWN, [notice], scopes=SCOPES)
    assert not calendar.is_estimated(date(2027, 1, 4))
    assert not calendar.is_working(date(2027, 1, 1))
    assert not calendar.is_working(date(2026, 12, 31))
    assert not calendar.is_working(date(2026, 10, 1)), "the year before keeps what was known of it"


def test_local_days_stand_beside_the_years_arrangement_and_the_most_specific_has_the_last_word():
    province = Notice(PROVINCE, 2024, whole=False, days={date(2024, 6, 5): False, date(2024, 6, 6): False})
    county = Notice(COUNTY, 2024, whole=False, days={date(2024, 6, 6): True})
    for notices in ([province, county], [county, province]):
        calendar = Calendar.layered(KNOWN, notices, scopes=SCOPES)
        assert not calendar.is_working(date(2024, 6, 5))
        assert calendar.is_working(date(2024, 6, 6))
        assert not calendar.is_working(date(2024, 6, 10))
    elsewhere = Calendar.layered(KNOWN, [county], scopes=(PROVINCE, NATION))
    assert elsewhere.is_working(date(2024, 6, 6)) == KNOWN.is_working(date(2024, 6, 6))


def test_a_day_that_a_notice_names_is_no_estimate_in_an_unknown_year():
    notice = Notice(COUNTY, 2030, whole=False, days={date(2030, 5, 6): False})
    calendar = Calendar.layered(KNOWN, [notice], scopes=SCOPES)
    assert not calendar.is_estimated(date(2030, 5, 6))
    assert calendar.is_estimated(date(2030, 5, 7))
