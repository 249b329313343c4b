"""Codes of units and telephone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from chassis.errors import InvalidInput
from chassis.identity_numbers import CreditCodeFault, Phone, PhoneFault, UnifiedSocialCreditCode

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
GOOD = ["N2610999MA7K00016E", "91610999MA6X20244A", "116109990160088834"]


@pytest.mark.parametrize("text", GOOD)
def test_the_units_of_the_scenario_are_read(text):
    assert UnifiedSocialCreditCode.parse(text.lower()).value == text


@pytest.mark.parametrize("text", GOOD)
def test_a_changed_last_sign_is_refused(text):
    other = text[:-1] + ("0" if text[-1] != "0" else "1")
    assert UnifiedSocialCreditCode.faults(other) == (CreditCodeFault.CHECK_DIGIT,)


def test_a_village_collective_is_read_though_stdnum_refuses_it():
    assert not uscc.is_valid("N2610999MA7K00016E")
    assert UnifiedSocialCreditCode.faults("N2610999MA7K00016E") == ()


@given(st.text("123456789ANY", min_size=2, max_size=2), st.text(ALPHABET, min_size=9, max_size=9))
def test_every_code_with_the_check_sign_of_the_standard_is_read(kind, unit):
    body = f"{kind}610999{unit}"
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    assert UnifiedSocialCreditCode.faults(body + ALPHABET[(31 - total % 31) % 31]) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("N2610999MA7K00016", CreditCodeFault.LENGTH),
        ("N2610999MA7KO0016E", CreditCodeFault.CHARACTERS),
        ("N261099AMA7K00016E", CreditCodeFault.CHARACTERS),
        ("N2610999MA7K0001\x006", CreditCodeFault.CHARACTERS),
    ],
)
def test_a_code_of_the_wrong_form_is_refused(text, fault):
    assert UnifiedSocialCreditCode.faults(text) == (fault,)
    with pytest.raises(InvalidInput):
        UnifiedSocialCreditCode.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "masked"),
    [
        ("13800001234", "13800001234", "138****1234"),
        ("+86 138-0000-1234", "13800001234", "138****1234"),
        ("１３８００００１２３４", "13800001234", "138****1234"),
        ("0915-2345678", "0915-2345678", "0915-****678"),
        ("（0915）2345678", "0915-2345678", "0915-****678"),
        ("01081234567", "010-81234567", "010-****4567"),
    ],
)
def test_telephone_numbers_come_to_one_form_and_are_masked(text, value, masked):
    phone = Phone.parse(text)
    assert (phone.value, phone.masked) == (value, masked)


@pytest.mark.parametrize("text", ["", "1380000123", "138000012345", "12800001234", "2345678", "0915-12345", "电话"])
def test_what_is_no_telephone_number_is_refused_without_an_echo(text):
    assert Phone.faults(text) == (PhoneFault.FORM,)
    with pytest.raises(InvalidInput) as refused:
        Phone.parse(text)
    assert refused.value.faults[0].code == "phone_form"


def test_a_telephone_number_is_silent():
    assert f"{Phone.parse('13800001234')!r}" == "<Phone>"
    assert str(Phone.parse("13800001234")) == "<Phone>"
