"""Identity and disability numbers: what is read, what is refused and why, what is shown."""

import copy
import pickle
from datetime import date, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidInput
from chassis.identity_numbers import DisabilityNumber, DisabilityNumberFault, IdentityNumber, IdentityNumberFault

TODAY = date(2024, 6, 3)
FAULT = IdentityNumberFault
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number_of(born: date, order: int) -> str:
    """A number of the unassigned county, its check digit worked out by the standard's table."""
    body = f"610999{born:%Y%m%d}{order:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


births = st.dates(date(1900, 1, 1), TODAY)
orders = st.integers(0, 999)


@pytest.mark.parametrize(
    ("text", "born", "sex_code"),
    [
        ("610999197403123010", date(1974, 3, 12), "1"),
        ("610999197608053028", date(1976, 8, 5), "2"),
        ("61099919850715019X", date(1985, 7, 15), "1"),
        ("610999200609183013", date(2006, 9, 18), "1"),
        ("610999201302273043", date(2013, 2, 27), "2"),
        ("610999194801013059", date(1948, 1, 1), "1"),
    ],
)
def test_the_persons_of_the_scenario_are_read(text, born, sex_code):
    number = IdentityNumber.parse(text, today=TODAY)
    assert (number.birth_date, number.sex_code, number.area, number.former) == (born, sex_code, "610999", None)


@given(births, orders)
def test_every_number_made_by_the_standard_is_read_and_tells_birth_and_sex(born, order):
    number = IdentityNumber.parse(number_of(born, order), today=TODAY)
    assert number.birth_date == born
    assert number.sex_code == ("1" if order % 2 else "2")


@given(births, orders, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(born, order, position, shift):
    right = number_of(born, order)
    old = right[position]
    new = str((int(old) + shift) % 10) if old.isdigit() else str(shift)
    wrong = right[:position] + new + right[position + 1 :]
    assert FAULT.CHECK_DIGIT in IdentityNumber.faults(wrong, today=None)


@pytest.mark.parametrize(
    "text", ["61099919850715019x", "６１０９９９１９８５０７１５０１９Ｘ", " 610999 19850715 019X\u200b"]
)
def test_forms_that_clerks_type_are_one_number(text):
    assert IdentityNumber.parse(text, today=TODAY) == IdentityNumber("61099919850715019X")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("610999197403123011", [FAULT.CHECK_DIGIT]),
        ("61099919740312301", [FAULT.LENGTH]),
        ("", [FAULT.LENGTH, FAULT.CHARACTERS]),
        ("6.10999E+17", [FAULT.LENGTH, FAULT.CHARACTERS]),
        ("61099919740312X010", [FAULT.CHARACTERS]),
        ("61099919740312301\u00b2", [FAULT.CHARACTERS]),
        ("61099919740312301\x00", [FAULT.CHARACTERS]),
        ("610999197402303010", [FAULT.DATE, FAULT.CHECK_DIGIT]),
        (number_of(date(2024, 6, 4), 1), [FAULT.FUTURE]),
        ("610999740312996", [FAULT.CENTURY]),
        ("610999740230301", [FAULT.DATE]),
        ("61099974031230X", [FAULT.CHARACTERS]),
    ],
)
def test_every_fault_of_a_number_is_named(text, faults):
    assert list(IdentityNumber.faults(text, today=TODAY)) == faults


def test_the_refusal_carries_all_faults_and_nothing_of_the_number():
    with pytest.raises(InvalidInput) as refused:
        IdentityNumber.parse("610999197402303010", today=TODAY)
    assert [fault.code for fault in refused.value.faults] == ["identity_number_date", "identity_number_check_digit"]
    assert "610999" not in repr(refused.value) + str(refused.value.faults)


def test_without_a_clock_a_future_birth_is_left_to_the_caller():
    number = IdentityNumber.parse(number_of(date(2024, 6, 4), 1), today=None)
    assert number.born_after(TODAY)
    assert not number.born_after(date(2024, 6, 4))


def test_a_birth_today_is_no_future_birth():
    assert IdentityNumber.faults(number_of(TODAY, 1), today=TODAY) == ()


@given(st.dates(date(1900, 1, 1), date(1999, 9, 30)), st.integers(0, 995))
def test_a_former_number_is_read_as_its_present_form_and_kept_as_former(born, order):
    present = number_of(born, order)
    former = present[:6] + present[8:17]
    read = IdentityNumber.parse(former, today=TODAY)
    assert read == IdentityNumber(present)
    assert hash(read) == hash(IdentityNumber(present))
    assert read.former == former


def test_numbers_are_equal_by_their_digits_and_silent():
    number = IdentityNumber.parse("610999197403123010", today=TODAY)
    assert {number, IdentityNumber("610999197403123010")} == {number}
    assert number != IdentityNumber("610999197608053028")
    assert number.masked == "610999********3010"
    for shown in (repr(number), str(number), f"{number}", repr([number])):
        assert "1974" not in shown
        assert "3010" not in shown


def test_a_number_survives_copies_and_does_not_change():
    number = IdentityNumber.parse("610999740312301", today=TODAY)
    for twin in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert (twin, twin.former) == (number, number.former)
    with pytest.raises(AttributeError):
        number.value = "610999197403123010"
    with pytest.raises(AttributeError):
        del number.former


def test_a_number_is_not_written_out_by_accident():
    with pytest.raises(TypeError):
        orjson.dumps({"number": IdentityNumber("610999197403123010")})


def test_a_number_cannot_be_made_from_any_text():
    with pytest.raises(ValueError, match="parse") as refused:
        IdentityNumber("61099919740312301")
    assert "610999" not in str(refused.value)


def test_the_unassigned_county_is_doubtful_but_read():
    assert not IdentityNumber("610999197403123010").area_is_listed()
    assert IdentityNumber("610925" + "197403123010").area_is_listed()
    assert IdentityNumber("513425" + "197403123010").area_is_listed(), "a county that has since changed its code"
    assert not IdentityNumber("990000" + "197403123010").area_is_listed()


def test_a_disability_number_tells_holder_class_and_level():
    number = DisabilityNumber.parse("61099919480101305942", today=TODAY)
    assert number.holder == IdentityNumber("610999194801013059")
    assert (number.class_code, number.level_code) == ("4", "2")
    assert number.masked == "610999********3059**"
    assert repr(number) == "<DisabilityNumber>"


@pytest.mark.parametrize("mark", ["B1", "b2", "01"])
def test_a_reissued_disability_number_has_two_more_signs(mark):
    number = DisabilityNumber.parse("61099919480101305942" + mark, today=TODAY)
    assert number.holder == IdentityNumber("610999194801013059")
    assert number.masked == "610999********3059****"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("610999194801013059", [DisabilityNumberFault.LENGTH]),
        ("610999194801013059421", [DisabilityNumberFault.LENGTH]),
        ("61099919480101305985", [DisabilityNumberFault.CLASS, DisabilityNumberFault.LEVEL]),
        ("61099919480101305800", [FAULT.CHECK_DIGIT, DisabilityNumberFault.CLASS, DisabilityNumberFault.LEVEL]),
        ("61099919480101305942C1", [DisabilityNumberFault.REISSUE]),
    ],
)
def test_every_fault_of_a_disability_number_is_named(text, faults):
    assert list(DisabilityNumber.faults(text, today=TODAY)) == faults


@given(st.dates(TODAY + timedelta(days=1), date(2100, 1, 1)), orders)
def test_a_birth_after_today_is_refused_in_both_numbers(born, order):
    number = number_of(born, order)
    assert IdentityNumber.faults(number, today=TODAY) == (FAULT.FUTURE,)
    assert DisabilityNumber.faults(number + "42", today=TODAY) == (FAULT.FUTURE,)


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused_without_an_echo(text):
    faults = IdentityNumber.faults(text, today=TODAY)
    if not faults:
        assert IdentityNumber.parse(text, today=TODAY).area
        return
    with pytest.raises(InvalidInput) as refused:
        IdentityNumber.parse(text, today=TODAY)
    assert len(refused.value.faults) == len(faults)
