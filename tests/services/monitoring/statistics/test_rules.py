"""Ratios name what they are made of, and the books add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from services.monitoring.statistics.rules import Count, Figure, Ratio, add_up, elimination_rates

ON = date(2025, 7, 31)


def test_one_of_three_households_is_a_third_and_five_of_eleven_people_are_forty_five_percent():
    totals = add_up([(Figure.ACTIVE, Count(2, 6)), (Figure.ELIMINATED, Count(1, 5))])
    assert totals[Figure.REGISTERED] == Count(3, 11)
    households, people = elimination_rates(totals, on=ON)
    assert (households.percent, households.unit, people.percent, people.unit) == (
        Decimal("33.33"), "户", Decimal("45.45"), "人",
    )  # fmt: skip


def test_a_share_of_nothing_has_no_percent():
    assert Ratio(0, 0, "户", ON).percent is None


def test_a_half_is_rounded_up():
    assert Ratio(1, 8_00, "户", ON).percent == Decimal("0.13")
