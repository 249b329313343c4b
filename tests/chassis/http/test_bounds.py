"""A fault names what would be accepted, and never what was sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from chassis.http.faults import faults_of
from chassis.types import Text

SECRET = "secret"


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Form(BaseModel):
    limit: Annotated[int, Field(ge=1, le=200)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    name: Annotated[str, Field(min_length=2, max_length=4)] = "ab"
    note: Annotated[Text, Field(min_length=2, max_length=4)] = "ab"
    items: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    colour: Colour = Colour.RED
    mode: Literal["all", "row"] = "all"


@pytest.mark.parametrize(
    ("sent", "zh", "en"),
    [
        ({"limit": 201}, "数值过大，最大为 200。", "The number is too large; the most is 200."),
        ({"limit": 0}, "数值过小，最小为 1。", "The number is too small; the least is 1."),
        ({"share": 0}, "请填写大于 0.0 的数值。", "Give a number above 0.0."),
        ({"share": 1}, "请填写小于 1.0 的数值。", "Give a number below 1.0."),
        ({"name": "secret"}, "内容过长，至多 4 个字符。", "This is too long; give 4 signs at most."),
        ({"name": "s"}, "内容过短，至少 2 个字符。", "This is too short; give 2 signs at least."),
        ({"note": "secret"}, "内容过长，至多 4 个字符。", "This is too long; give 4 signs at most."),
        ({"note": " "}, "内容过短，至少 2 个字符。", "This is too short; give 2 signs at least."),
        ({"items": [7, 7, 7]}, "项数过多，至多 2 项。", "There are too many items; give 2 at most."),
        ({"items": []}, "项数过少，至少 1 项。", "There are too few items; give 1 at least."),
        ({"colour": SECRET}, "不在可选值之列，可选：red、green。", "This is none of the listed values: red, green."),
        (
            {"mode": SECRET},
            "不在可选值之列，可选：all、row。",
            "This is none of the listed values: all, row.",
        ),
    ],
)
def test_a_broken_bound_is_named_in_both_languages(sent, zh, en):
    with pytest.raises(ValidationError) as raised:
        Form.model_validate(sent)
    [fault] = faults_of(raised.value.errors())
    assert (fault.message.zh, fault.message.en) == (zh, en)
    assert SECRET not in repr(fault)


def test_a_long_code_list_is_read_elsewhere():
    kind = StrEnum("kind", {f"A{n}": f"code-{n}" for n in range(40)})
    error = {"type": "enum", "loc": ("body", "kind"), "ctx": {"expected": ", ".join(f"'{each}'" for each in kind)}}
    [fault] = faults_of([error])
    assert fault.message.zh == "不在可选值之列。"


class Whole(BaseModel):
    type: Literal["whole"]
    value: int


class Word(BaseModel):
    type: Literal["word"]
    value: Annotated[str, Field(max_length=3)]


class Holder(BaseModel):
    many: list[Annotated[Whole | Word, Field(discriminator="type")]]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"many": [{"type": "whole", "value": "x"}]}, "/many/0/value"),
        ({"many": [{"type": "word", "value": "abcd"}]}, "/many/0/value"),
        ({"many": [{"type": "whole"}]}, "/many/0/value"),
        ({"many": [{"type": "value"}]}, "/many/0"),
    ],
)
def test_a_pointer_leads_into_the_body_that_was_sent(sent, pointer):
    with pytest.raises(ValidationError) as raised:
        Holder.model_validate(sent)
    [fault] = faults_of([{**error, "loc": ("body", *error["loc"])} for error in raised.value.errors()], sent)
    assert fault.pointer == pointer
