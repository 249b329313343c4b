"""A value is checked by its definition, and the refusal says what to give."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.errors import InvalidInput, Message
from chassis.parameters.catalogue import Catalogue, Default, Definition, ParameterType, UnknownParameter

MEANING = Message("测试", "Test")


def make(kind: ParameterType, **options) -> Catalogue:
    return Catalogue([Definition("test.key", kind, options.pop("unit", "天"), MEANING, **options)])


@pytest.mark.parametrize(
    ("catalogue", "good", "bad", "hint"),
    [
        (make(ParameterType.INTEGER, minimum=1, maximum=30), [1, 30], [0], "Give 1 天 or more."),
        (make(ParameterType.INTEGER, minimum=1, maximum=30), [3], [31], "Give 30 天 or less."),
        (make(ParameterType.INTEGER), [-1, 0], [True, 1.5, "3", None, 10**16], "This parameter is a whole number."),
        (make(ParameterType.INTEGER), [36_525], [36_526, 10**9], "Give 36525 天 or less."),
        (make(ParameterType.INTEGER, unit="月"), [1_200], [1_201, 10**6], "Give 1200 月 or less."),
        (make(ParameterType.INTEGER, unit="%"), [10_000], [10_001], "Give 10000 % or less."),
        (make(ParameterType.MONEY, unit="元", minimum=100), [100], [99], "Give 1.00 元 or more."),
        (make(ParameterType.MONEY), [800_000], ["8000.00", False], "This parameter is an amount of money."),
        (make(ParameterType.TEXT, choices=("off", "watch")), ["off"], ["register"], "Choose from: off, watch."),
        (make(ParameterType.TEXT), ["任意"], ["", 3, "长" * 501], "This parameter is a text."),
        (make(ParameterType.BOOLEAN), [True, False], [0, "true"], "This parameter is true or false."),
        (
            make(ParameterType.LIST, minimum=1, maximum=2),
            [["a"], ["a", "b"]],
            [[], ["a", "b", "c"]],
            "Give 1 to 2 items.",
        ),
        (make(ParameterType.LIST), [[]], [["a", "a"], [1], "a", [""]], "This parameter is a list of texts, each once."),
    ],
)
def test_a_value_is_taken_or_refused_by_its_definition(catalogue, good, bad, hint):
    for value in good:
        assert catalogue.check("test.key", value).key == "test.key"
    for value in bad:
        with pytest.raises(InvalidInput) as refused:
            catalogue.check("test.key", value)
        assert refused.value.faults[0].message.en == hint


def test_an_unknown_key_is_refused():
    with pytest.raises(UnknownParameter):
        make(ParameterType.INTEGER).check("other.key", 1)


def test_a_key_is_declared_once():
    definition = Definition("test.key", ParameterType.BOOLEAN, "", MEANING)
    with pytest.raises(ValueError, match="declared twice"):
        Catalogue([definition, definition])


def test_a_default_must_satisfy_its_own_definition():
    with pytest.raises(ValueError, match="Give 1 天 or more"):
        make(ParameterType.INTEGER, minimum=1, defaults=(Default(0, "test", date(2021, 1, 1)),))


def test_a_malformed_key_is_refused():
    with pytest.raises(ValueError, match="no parameter key"):
        Definition("Test Key", ParameterType.BOOLEAN, "", MEANING)
