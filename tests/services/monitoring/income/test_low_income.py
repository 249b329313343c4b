"""低保收入认定: what counts line by line, in rules and over HTTP."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.income.low_income import Treatment, review
from services.monitoring.income.rules import IncomeLine
from tests.personas import household, person

_LINES = st.lists(st.tuples(st.sampled_from(list(IncomeLineKind)), st.integers(0, 10**9)), max_size=12)
_KINDS = st.frozensets(st.sampled_from(list(IncomeLineKind)))


def _lines(drawn):
    return [
        IncomeLine(str(place), kind, amount, date(2024, 1, 1), "test") for place, (kind, amount) in enumerate(drawn)
    ]


@given(_LINES, _KINDS, st.integers(0, 100), st.integers(1, 9))
def test_every_line_is_shown_once_and_none_counts_for_more_than_it_is(drawn, excluded, percent, members):
    lines = _lines(drawn)
    made = review(lines, members=members, excluded=excluded, working_cost_percent=percent)
    assert [one.line for one in made.lines] == lines
    assert made.counted_fen == sum(one.counted_fen for one in made.lines)
    for one in made.lines:
        assert abs(one.counted_fen) <= one.line.amount_fen
        assert (one.counted_fen < 0) <= (one.line.kind.group is IncomeGroup.OPERATING_EXPENSE)
        if one.line.kind in excluded or one.treatment is Treatment.OUTSIDE:
            assert one.counted_fen == 0
        if one.treatment is Treatment.WORKING_COST_DEDUCTED:
            taken = one.line.amount_fen - one.counted_fen
            assert taken * 100 <= one.line.amount_fen * percent < (taken + 1) * 100


@given(_LINES, _KINDS, st.integers(0, 100), st.sampled_from(list(IncomeLineKind)))
def test_excluding_more_kinds_of_income_never_raises_what_counts(drawn, excluded, percent, kind):
    less = review(_lines(drawn), members=1, excluded=excluded, working_cost_percent=percent)
    more = review(_lines(drawn), members=1, excluded=excluded | {kind}, working_cost_percent=percent)
    if kind.group is not IncomeGroup.OPERATING_EXPENSE:
        assert more.counted_fen <= less.counted_fen


async def test_a_review_counts_no_pension_and_deducts_the_cost_of_working(asks):
    """Wages of 10,000 less 20 %, crops of 5,000 less 1,000: 12,000, under 560 a month for two, which is 13,440."""
    home = (await asks().post("/households", json=household(members=[person(), person(relation="20")]))).json()
    said = (
        ("wage.outside_work", "10000"), ("operating_income.crops", "5000"), ("operating_expense.crops", "1000"),
        ("transfer.pension", "2400"), ("self_pay.medical", "900"),
    )  # fmt: skip
    lines = [{"kind": kind, "amount": amount, "on": "2024-03-01", "source": "入户访谈"} for kind, amount in said]
    made = await asks().post(f"/households/{home['id']}/income-statements", json={"lines": lines})
    assert made.status_code == 201, made.text
    shown = (await asks().get(f"/households/{home['id']}/low-income-review", params={"on": "2024-06-03"})).json()
    assert {one["kind"]: (one["treatment"], one["counted"]) for one in shown["lines"]} == {
        "wage.outside_work": ("working_cost_deducted", "8000.00"),
        "operating_income.crops": ("counted", "5000.00"),
        "operating_expense.crops": ("expense", "-1000.00"),
        "transfer.pension": ("excluded", "0.00"),
        "self_pay.medical": ("outside", "0.00"),
    }
    assert (shown["counted"], shown["per_month"], shown["members"]) == ("12000.00", "500.00", 2)
    assert (shown["standard"], shown["is_below_standard"]) == ("560.00", True)
    assert shown["window"] == {"kind": "entry", "first": "2023-06-01", "last": "2024-05-31"}
    net = (await asks().get(f"/households/{home['id']}/income", params={"on": "2024-06-03"})).json()["net"]
    assert net == "16400.00"
    assert (await asks().get("/households/00000000-0000-7000-8000-000000000000/low-income-review")).status_code == 404
