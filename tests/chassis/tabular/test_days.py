"""Days and months in every writing that offices use; a date that never was is a fault."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from chassis.tabular import CellFault, ErrorCell
from chassis.tabular.dates import cell_of_serial, day_of_serial, is_date_style
from chassis.tabular.days import day, month

THIRD = date(2024, 6, 3)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-06-03", "2024/6/3", "2024.6.3", "20240603", "2024年6月3日", "2024年06月03号", "２０２４／６／３",
        " 2024-6-3 ",
        "2024-06-03 00:00:00", "2024-06-03T08:30", "2024/6/3 0:00", "2024年6月3日 8:30", 20240603, 20240603.0,
        45446, 45446.0, 45446.75, "45446", "45446.0", THIRD, datetime(2024, 6, 3, 8, 30),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_one_day_in_many_writings(cell):
    assert day(cell) == THIRD


@pytest.mark.parametrize("cell", ["2024-02-30", "2023-2-29", "20241301", "2024年6月31日", 20240631, "0000-01-01"])
def test_a_day_that_never_was_is_a_fault(cell):
    with pytest.raises(CellFault, match="day_impossible"):
        day(cell)


@pytest.mark.parametrize(
    "cell", ["24-6-3", "2024-6", 2024, 202406, 1.5, "6月3日", "2024-6/3", "昨天", True, -45446, 123456, "2024-06-03x"]
)
def test_what_is_no_day_is_a_fault(cell):
    with pytest.raises(CellFault, match="day_form"):
        day(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-06",
        "2024-6",
        "2024/06",
        "2024.6",
        "202406",
        202406,
        "2024年6月",
        "2024年06月份",
        "2024-06-15",
        THIRD,
        45446,
    ],
)
def test_one_month_in_many_writings(cell):
    assert month(cell) == date(2024, 6, 1)


@pytest.mark.parametrize(
    ("cell", "code"), [("2024-13", "day_impossible"), (2024.1, "month_form"), ("六月", "month_form")]
)
def test_what_is_no_month_is_a_fault(cell, code):
    with pytest.raises(CellFault, match=code):
        month(cell)


def test_empty_is_none_and_a_failed_formula_is_a_fault():
    assert day("") is month(None) is None
    for convert in (day, month):
        with pytest.raises(CellFault, match="cell_error"):
            convert(ErrorCell("#VALUE!"))
        with pytest.raises(CellFault, match="cell_signs"):
            convert("2024\x01")


@given(st.dates(date(1927, 5, 18), date(2173, 10, 13)))
def test_serial_numbers_agree_with_openpyxl_in_the_1900_system(on):
    assert day(to_excel(on)) == on


@given(st.dates(date(1931, 6, 1), date(2177, 10, 13)))
def test_serial_numbers_agree_with_openpyxl_in_the_1904_system(on):
    assert day(to_excel(on, CALENDAR_MAC_1904), date_1904=True) == on


def test_the_29_february_1900_that_never_was_is_no_day():
    assert day_of_serial(59, False) == date(1900, 2, 28)
    assert day_of_serial(61, False) == date(1900, 3, 1)
    assert day_of_serial(1, False) == date(1900, 1, 1)
    with pytest.raises(ValueError, match="no day"):
        day_of_serial(60, False)


def test_a_date_cell_keeps_its_time_of_day():
    assert cell_of_serial(45446.5, date_1904=False) == datetime(2024, 6, 3, 12)  # noqa: DTZ001
    assert cell_of_serial(45445.9999999999, date_1904=False) == THIRD
    assert cell_of_serial(0.25, date_1904=False) == "06:00:00"
    assert cell_of_serial(-1.0, date_1904=False) == -1.0
    assert cell_of_serial(1e18, date_1904=False) == 1e18


@pytest.mark.parametrize(
    ("number", "code", "expected"),
    [
        (14, None, True), (0, None, False), (2, None, False), (31, None, True), (58, None, True), (49, None, False),
        (164, 'yyyy"年"m"月"d"日"', True), (165, '"元"0.00', False), (166, "[h]:mm", False), (167, "[Red]0.00", False),
        (168, "[$-804]yyyy/m/d;@", True),
    ],
)  # fmt: skip
def test_number_formats_that_mean_a_date(number, code, expected):
    assert is_date_style(number, code) is expected


@given(st.dates(date(1930, 1, 1), date(2170, 1, 1)), st.integers(0, 86_399))
def test_every_moment_survives_its_serial_number(on, seconds):
    moment = datetime.combine(on, time()) + timedelta(seconds=seconds)
    assert day(cell_of_serial(to_excel(moment), date_1904=False)) == on
