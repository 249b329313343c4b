"""Identity numbers, whole numbers, yes and no, choices and text, as people and spreadsheets write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.tabular import CellFault, ErrorCell
from chassis.tabular.cells import choice, identity_number, integer, squeezed, text, yes_no
from chassis.tabular.model import tidy
from chassis.types import clean, compact

NUMBER = "61099919900101001X"


@pytest.mark.parametrize(
    "cell",
    [
        NUMBER,
        NUMBER.lower(),
        f" {NUMBER}\t",
        "'" + NUMBER,
        f'="{NUMBER}"',
        f' ="{NUMBER.lower()} " ',
        "610999 19900101 001x",
        "６１０９９９１９９００１０１００１Ｘ",
        f"\u200b{NUMBER}",
    ],
)
def test_an_identity_number_is_cleaned(cell):
    assert identity_number(cell) == NUMBER


@pytest.mark.parametrize(
    "cell", ["6.10999E+17", "6.10999e17", "6.10999Ｅ+17", "6E+17", 6.10999199001011e17, 610999199001011000, 1.5, 10**15]
)
def test_an_identity_number_that_lost_its_digits_says_how_to_export_it(cell):
    with pytest.raises(CellFault) as fault:
        identity_number(cell)
    assert fault.value.code == "identity_digits_lost"
    assert "文本" in fault.value.message.zh
    assert "text" in fault.value.message.en


def test_a_formula_that_is_one_quoted_text_says_that_text_and_no_other_formula_does():
    assert text('="陈大山"') == "陈大山"
    assert text('=""') is None
    assert squeezed('="610999101203"') == "610999101203"
    for other in ('="陈"&"大山"', '=CMD("x")', "=A1", '="一', "==“一”"):
        assert text(other) == other


def test_an_old_number_of_15_digits_in_a_numeric_cell_is_whole():
    assert identity_number(610999900101001) == "610999900101001"
    assert identity_number(610999900101001.0) == "610999900101001"


@pytest.mark.parametrize("cell", [True, date(2024, 6, 3)])
def test_a_date_or_truth_value_is_no_identity_number(cell):
    with pytest.raises(CellFault, match="identity_form"):
        identity_number(cell)


@pytest.mark.parametrize("convert", [identity_number, integer, yes_no, text, lambda cell: choice(cell, {"甲": 1})])
def test_empty_is_none_and_a_failed_formula_is_a_fault_everywhere(convert):
    for empty in (None, "", "  ", "\u3000", "\r\n"):
        assert convert(empty) is None
    with pytest.raises(CellFault, match="cell_error"):
        convert(ErrorCell("#N/A"))
    with pytest.raises(CellFault, match="cell_signs"):
        convert("张\x00三")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("１２", 12),
        ("-3", -3),
        ("−3", -3),
        ("5.00", 5),
        (5.0, 5),
        (7, 7),
        ("+1,234,567", 1_234_567),
    ],
)
def test_whole_numbers_are_read(cell, value):
    assert integer(cell) == value


@pytest.mark.parametrize("cell", ["1.5", 1.5, "12,34", "1e3", "٣", "三", True, date(2024, 1, 1), "1" * 16, "1-2"])
def test_anything_else_is_no_whole_number(cell):
    with pytest.raises(CellFault, match="integer"):
        integer(cell)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_every_whole_number_is_read_with_and_without_separators(number):
    assert integer(number) == integer(str(number)) == integer(f"{number:,}") == number


@pytest.mark.parametrize("cell", ["是", "有", 1, 1.0, "1", True, "TRUE", "Ｙ", "√", " 是 "])
def test_yes(cell):
    assert yes_no(cell) is True


@pytest.mark.parametrize("cell", ["否", "无", 0, "0", False, "false", "n", "×"])
def test_no(cell):
    assert yes_no(cell) is False


@pytest.mark.parametrize("cell", ["是否", 2, "不详", "-"])
def test_neither_yes_nor_no_is_a_fault(cell):
    with pytest.raises(CellFault, match="yes_no"):
        yes_no(cell)


def test_a_choice_is_found_by_label_or_code():
    choices = {"住院（统筹）": "inpatient", "门诊": "2"}
    assert choice("住院(统筹)", choices) == "inpatient"
    assert choice("INPATIENT", choices) == "inpatient"
    assert choice(2, choices) == choice("２", choices) == "2"
    with pytest.raises(CellFault) as fault:
        choice("急诊", choices)
    assert "住院（统筹）、门诊" in fault.value.message.zh
    assert "急诊" not in str(fault.value.message)


def test_text_is_cleaned_and_measured():
    assert text(" 阿依古丽•买买提 ") == "阿依古丽·买买提"
    assert text(13800000000.0) == "13800000000"
    assert text(date(2024, 6, 3)) == "2024-06-03"
    assert text("甲\r\n乙\r丙") == "甲\n乙\n丙"
    assert text("富" * 5, 5) == "富" * 5
    with pytest.raises(CellFault, match="text_length"):
        text("富" * 6, 5)


@given(
    st.text(
        alphabet=st.sampled_from("aZ09 .,'·•，（）【　\u3000张三阿Ａ\u0301é\u200b\t\n" + "\u4e00\u9fff\u2f00\uf900")
    )
)
def test_the_short_ways_clean_no_differently(written):
    assert tidy(written) == clean(written)
    assert squeezed(written) == compact(written)


@given(st.text())
def test_any_text_is_cleaned_or_a_fault(written):
    try:
        found = identity_number(written)
    except CellFault as fault:
        found = fault.code
    assert found in (None, "cell_signs", "identity_digits_lost") or (found and not any(map(str.isspace, found)))
