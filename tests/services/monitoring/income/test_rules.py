"""Windows, statements and per-capita figures; the figures are those of the acceptance scenario."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.income.rules import (
    IncomeLine,
    PerCapita,
    WindowKind,
    annual_window,
    decision_window,
    is_below_line,
    last_annual_window,
    statement,
)

K = IncomeLineKind
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
amounts = st.integers(0, 10**13)


def line(kind, yuan, on, name=None):
    return IncomeLine(name or f"{kind}/{on}/{yuan}", kind, round(yuan * 100), on, "form")


def household_a_in_2024():
    """陈大山's five people, June 2023 to May 2024, with lines of other months around them."""
    return [
        line(K.WAGE_OUTSIDE_WORK, 25200, date(2024, 5, 31)),
        line(K.OPERATING_CROPS, 12800, date(2023, 9, 10)),
        line(K.PROPERTY_LAND_TRANSFER, 1200, date(2023, 6, 1)),
        line(K.TRANSFER_DISABILITY, 6400, date(2024, 1, 15)),
        line(K.EXPENSE_CROPS, 5600, date(2023, 8, 1)),
        line(K.SELF_PAY_MEDICAL, 20000, date(2024, 5, 20)),
        line(K.WAGE_OUTSIDE_WORK, 2800, date(2023, 5, 31)),
        line(K.TRANSFER_RELIEF, 6000, date(2024, 6, 25)),
        line(K.CLAIMS_OTHER, 5000, date(2024, 6, 28)),
    ]


def test_household_a_at_entry():
    window = decision_window(date(2024, 6, 13))
    assert (window.first, window.last) == (date(2023, 6, 1), date(2024, 5, 31))
    had = statement(household_a_in_2024(), window=window, members=5)
    assert had.net_fen == 40_000_00
    assert had.ref_fen == 20_000_00
    assert had.pc_net == PerCapita(40_000_00, 5)
    assert (had.pc_net.rounded_fen, had.pc_ref.rounded_fen) == (8_000_00, 4_000_00)


def test_household_a_at_elimination():
    window = decision_window(date(2025, 7, 18))
    assert (window.first, window.last) == (date(2024, 7, 1), date(2025, 6, 30))
    had = statement(
        [
            line(K.WAGE_OUTSIDE_WORK, 33600, date(2025, 6, 30)),
            line(K.WAGE_VILLAGE_POST, 3600, date(2025, 6, 30)),
            line(K.OPERATING_CROPS, 13500, date(2024, 9, 10)),
            line(K.PROPERTY_LAND_TRANSFER, 700, date(2024, 12, 1)),
            line(K.PROPERTY_ASSET_DIVIDEND, 730, date(2025, 1, 20)),
            line(K.TRANSFER_DISABILITY, 6400, date(2024, 11, 15)),
            line(K.TRANSFER_EDUCATION, 3000, date(2024, 10, 15)),
            line(K.TRANSFER_RELIEF, 6000, date(2024, 6, 25)),
            line(K.CLAIMS_OTHER, 5000, date(2024, 6, 28)),
            line(K.EXPENSE_CROPS, 5300, date(2025, 4, 1)),
            line(K.SELF_PAY_MEDICAL, 3230, date(2025, 3, 3)),
        ],
        window=window,
        members=5,
    )
    assert had.totals_fen[IncomeGroup.WAGE] == 37_200_00
    assert had.totals_fen[IncomeGroup.PROPERTY] == 1_430_00
    assert had.totals_fen[IncomeGroup.TRANSFER] == 9_400_00
    assert had.net_fen == 56_230_00
    assert had.pc_net.rounded_fen == 11_246_00
    assert had.pc_ref.rounded_fen == 10_600_00


def test_claims_are_added_and_self_pay_taken_away_for_reference_only():
    had = statement(
        [
            line(K.WAGE_GATHERING, 100, date(2024, 1, 1)),
            line(K.CLAIMS_OTHER, 30, date(2024, 1, 1)),
            line(K.SELF_PAY_HOUSING, 70, date(2024, 1, 1)),
        ],
        window=decision_window(date(2024, 6, 1)),
        members=1,
    )
    assert (had.net_fen, had.ref_fen) == (100_00, 60_00)


def test_a_statement_lists_the_lines_it_used_in_the_forms_order():
    had = statement(reversed(household_a_in_2024()), window=decision_window(date(2024, 6, 13)), members=5)
    assert [used.kind for used in had.lines] == [
        K.WAGE_OUTSIDE_WORK,
        K.OPERATING_CROPS,
        K.PROPERTY_LAND_TRANSFER,
        K.TRANSFER_DISABILITY,
        K.EXPENSE_CROPS,
        K.SELF_PAY_MEDICAL,
    ]
    assert had.line_ids == tuple(used.id for used in had.lines)


def test_a_statement_without_lines_is_zero():
    had = statement([], window=decision_window(date(2024, 6, 13)), members=2)
    assert (had.net_fen, had.ref_fen, had.pc_net.rounded_fen) == (0, 0, 0)
    assert set(had.totals_fen) == set(IncomeGroup)


def test_nobody_shares_an_income():
    with pytest.raises(ValueError, match="at least one member"):
        statement([], window=decision_window(date(2024, 6, 13)), members=0)


def test_one_line_counts_once():
    twice = line(K.WAGE_OUTSIDE_WORK, 1, date(2024, 1, 1))
    with pytest.raises(ValueError, match="twice"):
        statement([twice, twice], window=decision_window(date(2024, 6, 13)), members=1)


def test_a_negative_line_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        line(K.WAGE_OUTSIDE_WORK, -1, date(2024, 1, 1))


def test_the_window_of_june_2021():
    window = decision_window(date(2021, 6, 30))
    assert (window.kind, window.first, window.last) == (WindowKind.DECISION, date(2020, 6, 1), date(2021, 5, 31))


def test_the_window_of_the_yearly_update():
    window = annual_window(2024, first_month=10)
    assert (window.kind, window.first, window.last) == (WindowKind.ANNUAL, date(2023, 10, 1), date(2024, 9, 30))
    assert annual_window(2024, first_month=1).first == date(2024, 1, 1)
    assert annual_window(2024, first_month=1).last == date(2024, 12, 31)


@pytest.mark.parametrize(("on", "ends"), [((2024, 9, 30), 2023), ((2024, 10, 1), 2024), ((2025, 9, 30), 2024)])
def test_the_last_yearly_window_is_over(on, ends):
    assert last_annual_window(date(*on), first_month=10) == annual_window(ends, first_month=10)


@given(days, st.integers(1, 12))
def test_every_window_has_twelve_whole_months(day, first_month):
    for window in (
        decision_window(day),
        annual_window(day.year, first_month=first_month),
        last_annual_window(day, first_month=first_month),
    ):
        after = window.last + timedelta(days=1)
        assert (window.first.day, after.day) == (1, 1)
        assert (after.year - window.first.year) * 12 + after.month - window.first.month == 12
    assert decision_window(day).last.replace(day=1) == (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    assert last_annual_window(day, first_month=first_month).last < day
    assert last_annual_window(day, first_month=first_month).last + timedelta(days=367) > day


@given(st.integers(-(10**13), 10**13), amounts, st.integers(1, 40))
def test_comparing_with_a_line_agrees_with_exact_fractions(total, line_fen, members):
    assert is_below_line(total, line_fen, members) == (Fraction(total, members) < line_fen)


def test_at_the_line_is_not_below():
    assert not is_below_line(30_000_00, 7_500_00, 4)
    assert is_below_line(29_999_99, 7_500_00, 4)


@given(st.integers(-(10**13), 10**13), st.integers(1, 40))
def test_the_displayed_figure_is_the_nearest_and_halves_go_away_from_zero(total, members):
    shown = PerCapita(total, members).rounded_fen
    distance = Fraction(total, members) - shown
    assert abs(distance) <= Fraction(1, 2)
    if abs(distance) == Fraction(1, 2):
        assert abs(shown) > abs(Fraction(total, members))


@given(st.lists(st.tuples(st.sampled_from(IncomeLineKind), amounts, days), max_size=30), days, st.integers(1, 12))
def test_only_lines_of_the_window_count(rows, decided_on, members):
    lines = [IncomeLine(str(n), kind, amount, on, "form") for n, (kind, amount, on) in enumerate(rows)]
    window = decision_window(decided_on)
    had = statement(lines, window=window, members=members)
    assert sum(had.totals_fen.values()) == sum(row.amount_fen for row in lines if window.first <= row.on <= window.last)
    assert had.net_fen - had.ref_fen == had.totals_fen[IncomeGroup.SELF_PAY] - had.totals_fen[IncomeGroup.CLAIMS]
