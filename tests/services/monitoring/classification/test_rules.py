"""What incomes and guarantees mean against the line in force; the figures are those of the acceptance scenario."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.classification.rules import Compared, classify
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.monitoring import ClassificationBasis, GuaranteeItem, MonitoringType, Rule60
from services.monitoring.income.rules import IncomeLine, decision_window, statement
from tests.services.monitoring.lines.given import JUNE, line_on


def income(net, *, members, self_pay=0, on=JUNE):
    day = date(2024, 1, 1) if on == JUNE else date(2025, 1, 1)
    return statement(
        [
            IncomeLine("net", IncomeLineKind.WAGE_OUTSIDE_WORK, net * 100, day, "form"),
            IncomeLine("cost", IncomeLineKind.SELF_PAY_MEDICAL, self_pay * 100, day, "form"),
        ],
        window=decision_window(on),
        members=members,
    )


def meaning(classification):
    return classification.monitoring_type, classification.basis


def test_household_a_is_type_3_by_its_spending():
    had = income(40_000, members=5, self_pay=20_000)
    assert meaning(classify(had, line_on(JUNE), is_lifted=True)) == (
        MonitoringType.SUDDEN_HARDSHIP,
        ClassificationBasis.SHOCK,
    )


def test_household_b_is_type_2_only_where_the_county_registers_by_its_own_line():
    had = income(30_800, members=4)
    assert had.pc_net.rounded_fen == 7_700_00
    assert meaning(classify(had, line_on(JUNE), is_lifted=False)) == (
        MonitoringType.MARGINAL,
        ClassificationBasis.COUNTY_60,
    )
    off = classify(had, line_on(JUNE, Rule60.OFF), is_lifted=False)
    assert (meaning(off), off.watched) == ((None, None), False)
    watch = classify(had, line_on(JUNE, Rule60.WATCH), is_lifted=False)
    assert (meaning(watch), watch.watched) == ((None, None), True)


@pytest.mark.parametrize("mode", list(Rule60))
def test_household_c_is_type_1_whatever_the_rule(mode):
    had = income(13_800, members=2)
    assert had.pc_net.rounded_fen == 6_900_00
    assert meaning(classify(had, line_on(JUNE, mode), is_lifted=True)) == (
        MonitoringType.UNSTABLE_LIFTED,
        ClassificationBasis.PROVINCE_LINE,
    )


def test_household_a_is_out_of_range_at_its_elimination_and_back_by_a_guarantee():
    had = income(56_230, members=5, self_pay=3_230, on=date(2025, 7, 18))
    line = line_on(date(2025, 7, 18))
    assert meaning(classify(had, line, is_lifted=True)) == (None, None)
    assert meaning(classify(had, line, is_lifted=True, guarantees_failed=[GuaranteeItem.HOUSING])) == (
        MonitoringType.SUDDEN_HARDSHIP,
        ClassificationBasis.GUARANTEE,
    )


def test_a_verified_shock_is_type_3_at_any_income():
    rich = income(90_000, members=1)
    assert meaning(
        classify(rich, line_on(JUNE), is_lifted=False, shock_verified=True, guarantees_failed=[GuaranteeItem.HOUSING])
    ) == (
        MonitoringType.SUDDEN_HARDSHIP,
        ClassificationBasis.SHOCK,
    )


def test_income_below_the_line_is_never_called_a_shock():
    poor = income(30_000, members=5, self_pay=20_000)
    assert meaning(classify(poor, line_on(JUNE), is_lifted=True, shock_verified=True)) == (
        MonitoringType.UNSTABLE_LIFTED,
        ClassificationBasis.PROVINCE_LINE,
    )


def test_at_the_line_is_not_in_range():
    assert meaning(classify(income(7_920 * 4, members=4), line_on(JUNE), is_lifted=False)) == (None, None)
    assert classify(income(7_920 * 4 - 1, members=4), line_on(JUNE), is_lifted=False).monitoring_type


def test_each_compared_number_stands_beside_its_threshold():
    found = classify(income(30_800, members=4), line_on(JUNE), is_lifted=False)
    assert [
        (one.compared, one.amount_fen, one.line_fen, one.threshold_fen, one.is_below, one.decides)
        for one in found.comparisons
    ] == [
        (Compared.NET_WITH_BASE_LINE, 30_800_00, 7_500_00, 30_000_00, False, True),
        (Compared.NET_WITH_COUNTY_LINE, 30_800_00, 7_920_00, 31_680_00, True, True),
        (Compared.NET_WITH_LINE, 30_800_00, 7_920_00, 31_680_00, True, True),
        (Compared.REF_WITH_LINE, 30_800_00, 7_920_00, 31_680_00, True, True),
    ]


def test_the_countys_line_is_shown_but_does_not_decide_where_it_only_watches():
    found = classify(income(30_800, members=4), line_on(JUNE, Rule60.WATCH), is_lifted=False)
    [county] = [one for one in found.comparisons if one.compared is Compared.NET_WITH_COUNTY_LINE]
    assert (county.is_below, county.decides, found.monitoring_type) == (True, False, None)


def test_failed_guarantees_are_named_in_the_forms_order():
    failed = [GuaranteeItem.WATER, GuaranteeItem.FOOD]
    found = classify(income(90_000, members=1), line_on(JUNE), is_lifted=False, guarantees_failed=failed)
    assert found.guarantees_failed == (GuaranteeItem.FOOD, GuaranteeItem.WATER)
    assert meaning(found) == (MonitoringType.SUDDEN_HARDSHIP, ClassificationBasis.GUARANTEE)


def test_a_reference_income_exactly_at_the_line_is_no_shock():
    at = income(50_000, members=5, self_pay=50_000 - 7_920 * 5)
    assert meaning(classify(at, line_on(JUNE), is_lifted=True)) == (None, None)
    below = income(50_000, members=5, self_pay=50_001 - 7_920 * 5)
    assert classify(below, line_on(JUNE), is_lifted=True).basis is ClassificationBasis.SHOCK


@given(st.integers(0, 10**8), st.integers(1, 10), st.booleans(), st.sampled_from(Rule60))
def test_nobody_below_the_provinces_line_is_out_of_range_and_a_watch_never_makes_a_type(net, members, lifted, mode):
    had = income(net, members=members)
    found = classify(had, line_on(JUNE, mode), is_lifted=lifted)
    if had.net_fen < 7_500_00 * members:
        assert found.basis is ClassificationBasis.PROVINCE_LINE
    if found.watched:
        assert mode is Rule60.WATCH
        assert found.monitoring_type is None
