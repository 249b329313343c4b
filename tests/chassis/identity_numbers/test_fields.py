"""Numbers in API models: read from text, shown masked, never repeated in an error."""

import json

import pytest
from pydantic import ValidationError

from chassis.http.faults import faults_of
from chassis.identity_numbers import (
    CreditCodeField,
    DisabilityNumberField,
    IdentityNumber,
    IdentityNumberField,
    Phone,
    PhoneField,
)
from chassis.types import Model


class Card(Model):
    identity_number: IdentityNumberField | None = None
    disability_number: DisabilityNumberField | None = None
    phone: PhoneField | None = None
    credit_code: CreditCodeField | None = None


GOOD = {
    "identity_number": "610999197403123010",
    "disability_number": "61099919480101305942",
    "phone": "13800001234",
    "credit_code": "N2610999MA7K00016E",
}


def test_text_becomes_a_value_and_leaves_masked():
    card = Card.model_validate(GOOD)
    assert card.identity_number == IdentityNumber("610999197403123010")
    assert json.loads(card.model_dump_json()) == {
        "identity_number": "610999********3010",
        "disability_number": "610999********3059**",
        "phone": "138****1234",
        "credit_code": "N2610999MA7K00016E",
    }
    assert card.model_dump()["identity_number"] is card.identity_number, "in Python the value stays whole"


def test_a_value_is_taken_as_it_is():
    assert Card(phone=Phone("13800001234")).phone == Phone("13800001234")


def test_the_repr_of_a_model_shows_no_digit():
    assert "1974" not in repr(Card.model_validate(GOOD))
    assert "1234" not in repr(Card.model_validate(GOOD))


@pytest.mark.parametrize(
    ("field", "bad", "code"),
    [
        ("identity_number", "610999197403123011", "identity_number_check_digit"),
        ("identity_number", 610999197403123010, "text_type"),
        ("disability_number", "61099919480101305985", "disability_class"),
        ("phone", "138000012340", "phone_form"),
        ("credit_code", "N2610999MA7K00016F", "credit_code_check_digit"),
    ],
)
def test_an_error_names_the_fault_and_never_the_input(field, bad, code):
    with pytest.raises(ValidationError) as refused:
        Card.model_validate({field: bad})
    [error] = refused.value.errors()
    assert error["type"] == code
    for told in (str(refused.value), repr(refused.value.errors()), refused.value.json()):
        assert str(bad) not in told
        assert str(bad)[6:] not in told


def test_an_error_says_all_faults_in_both_languages():
    with pytest.raises(ValidationError) as refused:
        Card.model_validate({"identity_number": "610999197402303010"})
    located = [{**error, "loc": ("body", *error["loc"])} for error in refused.value.errors()]
    [fault] = faults_of(located)
    assert fault.pointer == "/identity_number"
    assert "不是真实存在的日期" in fault.message.zh
    assert "校验位" in fault.message.zh
    assert "no date that exists" in fault.message.en
    assert "check digit" in fault.message.en


def test_the_schema_is_documented_text():
    schema = Card.model_json_schema()["properties"]["identity_number"]["anyOf"][0]
    assert (schema["type"], schema["pattern"]) == ("string", "^([0-9]{15}|[0-9]{17}[0-9Xx])$")
    shown = Card.model_json_schema(mode="serialization")["properties"]["identity_number"]["anyOf"][0]
    assert "pattern" not in shown
