"""Which fields a form has for a household, how an answer is read, and what a filled form needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.errors import Fault, Message
from chassis.types import fen_to_yuan, yuan_to_fen
from services.monitoring.consents.rules import age_on
from services.monitoring.interviews.forms import AnswerKind, Form, Question

NUMBER_MAX: Final = 10**9
TEXT_LENGTH_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Slot:
    """字段: one question about the household (``person`` None) or about one member."""

    question: Question
    person: UUID | None = None

    @property
    def key(self) -> str:
        """How answers name it."""
        return self.question.code if self.person is None else f"{self.question.code}@{self.person}"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it is handed in."""

    question: str
    person: UUID | None
    value: Sequence[str]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with its answers.

    :param answers: by field; ``prefilled``: fields whose answer an office knew and nobody changed.
    """

    answers: Mapping[str, Any]
    prefilled: tuple[str, ...]


def slots(form: Form, born: Mapping[UUID, date], on: date) -> list[Slot]:
    """The fields of a form for a household with these members on a day, in the form's order."""
    found = []
    for question in form.questions():
        if question.per == "household":
            found.append(Slot(question))
            continue
        low, high = question.ages
        found += [Slot(question, person) for person, birth in born.items() if low <= age_on(birth, on) <= high]
    return found


def filled(fields: Sequence[Slot], known: Mapping[str, Any], given: Iterable[Given]) -> tuple[Filled, list[Fault]]:
    """The form's answers: what is given, and for the rest what is known; with everything that stands against it."""
    by_key = {slot.key: slot for slot in fields}
    answers: dict[str, Any] = {}
    faults: list[Fault] = []
    for place, one in enumerate(given):
        key = one.question if one.person is None else f"{one.question}@{one.person}"
        slot = by_key.get(key)
        if slot is None or key in answers:
            code = "field_unknown" if slot is None else "field_twice"
            faults.append(Fault(f"/answers/{place}", code, _MESSAGES[code]))
            continue
        try:
            answers[key] = read_value(slot.question, one.value)
        except ValueError:
            faults.append(Fault(f"/answers/{place}/value", f"not_{slot.question.kind.value}", _how(slot.question)))
            answers[key] = None
    for slot in fields:
        if slot.question.is_required and slot.key not in answers and slot.key not in known:
            message = Message(f"请填写：{slot.question.title.zh}。", f"Answer this too: {slot.question.title.en}.")
            faults.append(Fault(f"/answers/{slot.key}", "answer_missing", message))
    kept = {key: value for key, value in known.items() if key in by_key and key not in answers}
    same = {key for key, value in answers.items() if key in known and known[key] == value}
    prefilled = tuple(slot.key for slot in fields if slot.key in kept or slot.key in same)
    return Filled({**kept, **answers}, prefilled), faults


def read_value(question: Question, texts: Sequence[str]) -> Any:
    """An answer as it is kept: amounts in 分, days in ISO 8601, codes.

    :raises ValueError: if the texts are no answer to the question.
    """
    kind = question.kind
    if kind is AnswerKind.CHOICES:
        if len(set(texts)) < len(texts) or not set(texts) <= set(question.choices):
            raise ValueError("no choices of the question")
        return list(texts)
    (text,) = texts
    if kind is AnswerKind.CHOICE:
        if text not in question.choices:
            raise ValueError("no choice of the question")
        return text
    return _READ[kind](text)


def shown_value(question: Question, value: Any) -> list[str]:
    """An answer as it was handed in."""
    if question.kind is AnswerKind.CHOICES:
        return list(value)
    if question.kind is AnswerKind.MONEY:
        return [fen_to_yuan(value)]
    if question.kind is AnswerKind.YES_NO:
        return ["true" if value else "false"]
    return [str(value)]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > NUMBER_MAX:
        raise ValueError("no number")
    return int(text)


def _money(text: str) -> int:
    fen = yuan_to_fen(text)
    if fen < 0:
        raise ValueError("an amount is not negative")
    return fen


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _text(text: str) -> str:
    if not text.strip() or len(text) > TEXT_LENGTH_MAX:
        raise ValueError("no text, or too long")
    return text


def _yes_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text == "true"


_READ: Final = {
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.NUMBER: _number,
    AnswerKind.MONEY: _money,
    AnswerKind.DAY: _day,
    AnswerKind.TEXT: _text,
}


def _how(question: Question) -> Message:
    if question.choices:
        listed = "、".join(list(question.choices)[:20])
        return Message(f"请填写代码：{listed}。", f"Give a code: {', '.join(list(question.choices)[:20])}.")
    return _HOW[question.kind]


_HOW: Final = {
    AnswerKind.YES_NO: Message("请填写 true 或 false。", "Give true or false."),
    AnswerKind.NUMBER: Message("请填写不小于零的整数。", "Give a whole number, not negative."),
    AnswerKind.MONEY: Message("请填写金额，单位元，最多两位小数。", "Give an amount in 元 with at most two decimals."),
    AnswerKind.DAY: Message("请填写日期，如 2024-06-03。", "Give a day such as 2024-06-03."),
    AnswerKind.TEXT: Message(f"请填写文字，最多 {TEXT_LENGTH_MAX} 字。", f"Give at most {TEXT_LENGTH_MAX} signs."),
}
_MESSAGES: Final = {
    "field_unknown": Message("表中没有这一项，或不适用于此人。", "The form has no such field for this person."),
    "field_twice": Message("同一项出现两次，请保留一项。", "The same field is answered twice; keep one."),
}
