"""Read an answer to a question of a form, and say how it is answered; answers come as texts, or typed from a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from chassis.errors import Fault, Message
from chassis.types import clean, fen_to_yuan, yuan_to_fen
from services.monitoring.forms.model import AnswerKind, Form, Question

NUMBER_MAX: Final = 10**9
TEXT_LENGTH_MAX: Final = 500
_UNKNOWN: Final = Message("此表没有这个问题。", "The form has no such question.")
_REQUIRED: Final = Message("此题必答。", "This question must be answered.")
_TYPES: Final = {AnswerKind.YES_NO: bool, AnswerKind.NUMBER: int}


def answer_faults(form: Form, answers: Mapping[str, Any], pointer: str) -> list[Fault]:
    """Everything that stands against typed ``answers`` to ``form``; ``pointer`` is where they lie in the request."""
    faults = []
    for asked, answer in answers.items():
        question = form.question(asked)
        if question is None:
            faults.append(Fault(f"{pointer}/{asked}", "question_unknown", _UNKNOWN))
        elif not _fits(question, answer):
            faults.append(Fault(f"{pointer}/{asked}", "answer", how_to_answer(question)))
    faults += [
        Fault(f"{pointer}/{question.code}", "missing", _REQUIRED)
        for question in form.questions()
        if question.is_required and not question.known_from and question.code not in answers
    ]
    return faults


def _fits(question: Question, answer: Any) -> bool:
    """Whether a typed answer, one of ``true``, ``3`` and ``"text"``, reads as one to the question."""
    if type(answer) is not _TYPES.get(question.kind, str):
        return False
    if answer == "":
        return question.kind is AnswerKind.TEXT  # a field that was looked at and left open
    try:
        read_value(question, [str(answer).lower() if isinstance(answer, bool) else str(answer)])
    except ValueError:
        return False
    return True


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
    clean(text)  # a ValueError of its own, for signs that no text holds
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


def how_to_answer(question: Question) -> Message:
    """What would be an answer to the question."""
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
