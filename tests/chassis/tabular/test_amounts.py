"""Amounts become whole 分 or a fault; nothing is rounded that a person could have meant."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.tabular import CellFault, ErrorCell
from chassis.tabular.amounts import amount_fen

FEN = st.integers(-(10**13), 10**13)


@pytest.mark.parametrize(
    ("cell", "unit", "fen"),
    [
        ("5000", "yuan", 500_000),
        ("1,234.5", "yuan", 123_450),
        ("￥1,234.50元", "yuan", 123_450),
        ("¥-3.2", "yuan", -320),
        ("−3.20", "yuan", -320),
        ("１２．５０", "yuan", 1_250),
        ("1.2300", "yuan", 123),
        ("12.5万元", "yuan", 12_500_000),
        ("12.5 万", "yuan", 12_500_000),
        ("125000元", "wan", 12_500_000),
        ("12.345678", "wan", 12_345_678),
        (0.1 + 0.2, "yuan", 30),
        (0.1 + 0.2, "wan", 300_000),
        (1234.56, "yuan", 123_456),
        (12.3456, "wan", 12_345_600),
        (7, "yuan", 700),
        (-0.0, "yuan", 0),
        ("5.", "yuan", 500),
        (None, "yuan", None),
        (" ", "wan", None),
    ],
)
def test_amounts_as_they_are_written(cell, unit, fen):
    assert amount_fen(cell, unit) == fen


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [
        ("1.234", "yuan", "amount_decimals"),
        (1.234, "yuan", "amount_decimals"),
        (0.005, "yuan", "amount_decimals"),
        ("1.2345678", "wan", "amount_decimals"),
        ("1e3", "yuan", "amount_form"),
        ("1,23", "yuan", "amount_form"),
        ("(5.00)", "yuan", "amount_form"),
        ("5%", "yuan", "amount_form"),
        ("--5", "yuan", "amount_form"),
        ("-￥-5", "yuan", "amount_form"),
        ("五千", "yuan", "amount_form"),
        ("5美元", "yuan", "amount_form"),
        (True, "yuan", "amount_form"),
        (date(2024, 1, 1), "yuan", "amount_form"),
        (10**13, "yuan", "amount_size"),
        ("99999999999", "wan", "amount_size"),
        (1e300, "yuan", "amount_size"),
        (float("nan"), "yuan", "amount_size"),
        (float("inf"), "wan", "amount_size"),
        (ErrorCell("#DIV/0!"), "yuan", "cell_error"),
    ],
)
def test_what_is_no_amount_is_a_fault_that_repeats_nothing(cell, unit, code):
    with pytest.raises(CellFault) as fault:
        amount_fen(cell, unit)
    assert fault.value.code == code
    assert str(cell) not in str(fault.value.message)


@given(FEN, st.sampled_from(["yuan", "wan"]))
def test_every_amount_survives_as_text_and_as_a_number(fen, unit):
    exact = Decimal(fen) / (100 if unit == "yuan" else 1_000_000)
    assert amount_fen(format(exact, "f"), unit) == fen
    assert amount_fen(format(exact, ",f"), unit) == fen
    assert amount_fen(float(exact), unit) == fen


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=40))
def test_a_sum_that_a_spreadsheet_made_is_read_to_the_fen_or_refused(parts):
    assert outcome(sum(fen / 100 for fen in parts)) in (sum(parts), "amount_decimals")


@given(FEN, st.integers(1, 9))
def test_a_fraction_of_a_fen_is_never_rounded_away(fen, thousandth):
    with pytest.raises(CellFault, match="amount_decimals"):
        amount_fen(f"{abs(fen) // 100}.{abs(fen) % 100:02d}{thousandth}")


@given(st.text(alphabet="0123456789.,-+¥元万 e"))
def test_any_text_is_an_amount_or_a_fault(written):
    found = outcome(written)
    assert (found is None) == (not written.strip())
    assert found is None or isinstance(found, int) or found in ("amount_form", "amount_decimals", "amount_size")


def outcome(cell):
    """The amount, or the code of its fault."""
    try:
        return amount_fen(cell)
    except CellFault as fault:
        return fault.code
