"""Ages and months are counted as a calendar on the wall counts them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.households.rules.dates import age_on, months_after


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_an_age_rises_on_the_birthday(born, day):
    age = age_on(born, day)
    assert months_after(born, age * 12) <= day
    next_birthday = months_after(born, (age + 1) * 12)
    assert day < next_birthday or (born.month, born.day) == (2, 29)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_months_after_falls_into_the_right_month(day, months):
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and months_after(later.replace(day=1), 1).day == 1)
