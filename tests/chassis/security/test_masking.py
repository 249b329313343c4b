"""Masks show what they should and no more; the scan finds a number wherever it hides."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from chassis.security.masking import (
    find_identity_numbers,
    mask_account,
    mask_address,
    mask_name,
    mask_other,
    scrub,
)

NUMBER = "610999197403123010"
NUMBER_X = "61099919850715019X"
NO_DAY = "61099919740230301" + ric.calc_check_digit("610999197402303010")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("陈大山", "陈**"),
        ("王芳", "王*"),
        ("欧阳娜娜", "欧***"),
        ("阿依古丽·买买提", "阿***·***"),
        ("扎西·次仁·多吉", "扎*·**·**"),
        ("John Smith", "J*** *****"),
        ("𠮷田", "𠮷*"),
        ("陈", "*"),
        ("", ""),
    ],
)
def test_a_name_shows_its_first_sign(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("6217000012345678901", "****8901"), ("12345678", "****5678"), ("1234567", "****"), ("", "****")],
)
def test_an_account_shows_its_last_four_signs(number, shown):
    assert mask_account(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("云岭县清溪镇松坪村三组12号", "云岭县清溪镇松坪村***"),
        ("云岭县清溪镇松坪村王家村3号", "云岭县清溪镇松坪村***"),
        ("云岭县清溪镇松坪村村民委员会旁", "云岭县清溪镇松坪村***"),
        ("云岭县清溪镇松坪村", "云岭县清溪镇松坪村***"),
        ("某市周村区王村镇李家村3号", "某市周村区王村镇李家村***"),
        ("某市中关村街道科源社区5号楼2单元", "某市中关村街道科源社区***"),
        ("某旗某苏木某嘎查3号", "某旗某苏木某嘎查***"),
        ("云岭县清溪镇12号", "云岭县清溪镇***"),
        ("云岭县清溪镇安置点", "云岭县清溪镇***"),
        ("云岭县某某路12号", "云岭县***"),
        (f"云岭县{NUMBER}松坪村三组", "云岭县***"),
        ("幸福路12号", "***"),
        ("松坪村民小组5户", "***"),
        ("", "***"),
    ],
)
def test_an_address_ends_at_the_village(address, shown):
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("value", "head", "tail", "shown"),
    [
        ("G61099920240001", 3, 2, "G61****01"),
        ("secret", 0, 0, "****"),
        ("secret", 1, 1, "s****t"),
        ("secret", 2, 1, "****"),
        ("", 0, 0, "****"),
    ],
)
def test_other_values_never_show_half(value, head, tail, shown):
    assert mask_other(value, head=head, tail=tail) == shown


def test_a_mask_with_a_negative_length_is_refused():
    with pytest.raises(ValueError, match="numbers of signs"):
        mask_other("secret", head=-1)


@st.composite
def identity_numbers(draw):
    born = draw(st.dates(date(1900, 1, 1), date(2024, 6, 3)))
    body = f"610999{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + ric.calc_check_digit(body + "0")


@given(
    number=identity_numbers(),
    before=st.text("abcxyz ,;:\"'-_\n中文", max_size=30),
    after=st.text("abcyz ,;:\"'-_\n中文", max_size=30),
)
def test_a_planted_number_is_found_in_any_text(number, before, after):
    text = before + number + after
    assert find_identity_numbers(text) == [(len(before), len(before) + 18)]
    assert number not in scrub(text)
    assert scrub(text) == f"{before}[identity number]{after}"


@given(number=identity_numbers(), before=st.text("0123456789", max_size=25), after=st.text("0123456789", max_size=25))
def test_a_planted_number_is_found_inside_a_longer_run_of_digits(number, before, after):
    text = before + number + after
    assert (len(before), len(before) + 18) in find_identity_numbers(text)
    assert number not in scrub(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (NUMBER, [(0, 18)]),
        (NUMBER_X, [(0, 18)]),
        (NUMBER_X.lower(), [(0, 18)]),
        ("６１０９９９１９７４０３１２３０１０", [(0, 18)]),
        (f"a{NUMBER}b", [(1, 19)]),
        (f"{NUMBER}42", [(0, 18)]),  # a disability number
        (f"20240603{NUMBER}0001", [(8, 26)]),
        (f"{NUMBER},{NUMBER_X}", [(0, 18), (19, 37)]),
        (NUMBER * 2, [(0, 18), (18, 36)]),
        ("610999197403123011", []),  # check digit
        (NO_DAY, []),
        ("61099919740312301", []),
        ("610999 19740312 3010", []),
        ("010999197403123010", []),
        ("", []),
    ],
)
def test_only_numbers_with_a_date_and_a_check_digit_count(text, spans):
    assert find_identity_numbers(text) == spans


def test_every_wrong_check_sign_is_left_alone():
    others = set("0123456789X") - {NUMBER[-1]}
    assert [find_identity_numbers(NUMBER[:-1] + sign) for sign in sorted(others)] == [[]] * 10


def test_every_day_of_a_leap_year_is_found():
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(366)]
    bodies = [f"610999{day:%Y%m%d}301" for day in days]
    text = " ".join(body + ric.calc_check_digit(body + "0") for body in bodies)
    assert len(find_identity_numbers(text)) == 366


@pytest.mark.parametrize(
    ("line", "scrubbed"),
    [
        ("tel 13812345678.", "tel [phone]."),
        ("+8613812345678 8613812345678", "+86[phone] 86[phone]"),
        ("１３８１２３４５６７８", "[phone]"),
        ('{"phone":"13812345678"}', '{"phone":"[phone]"}'),
        ("at 1717376400123 ms", "at 1717376400123 ms"),
        ("trace 4bf9138123456789a4", "trace 4bf9138123456789a4"),
        ("order 12812345678", "order 12812345678"),
        ("nothing here", "nothing here"),
        (f"{NUMBER}13812345678", "[identity number]13812345678"),
        (f"{NUMBER} 13812345678", "[identity number] [phone]"),
    ],
)
def test_log_lines_lose_numbers_and_phones(line, scrubbed):
    assert scrub(line) == scrubbed


def test_a_megabyte_of_digits_is_scanned_in_bounded_time():
    started = time.perf_counter()
    find_identity_numbers("12345678901974031" * 60_000)
    assert time.perf_counter() - started < 10
