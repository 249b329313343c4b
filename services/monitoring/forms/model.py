"""Say what a form asks, and hold answers against it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from chassis.errors import Fault, Message
from chassis.types import Day, Model, clean

ANSWER_LENGTH_MAX: Final = 500


class Words(Model):
    """A text in both languages."""

    zh: str
    en: str


class VisitAnswerKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    DAY = "day"
    TEXT = "text"


class Choice(Model):
    """One answer that a question offers."""

    code: str
    text: Words


class Question(Model):
    """One question.

    ``known_from`` names what an office already knows of it: the form brings the answer along, and nobody types it.
    """

    id: str
    text: Words
    kind: VisitAnswerKind
    is_required: bool = False
    per_person: bool = Field(False, description="Asked of each member that the form is about.")
    tells_health: bool = False
    known_from: str | None = None
    choices: list[Choice] = Field(default_factory=list)


class Form(Model):
    """表单: one version of a form. What was answered by a version is read by it for ever."""

    type: str
    version: int
    title: Words
    source: str
    questions: list[Question]

    def question(self, asked: str) -> Question | None:
        return next((one for one in self.questions if one.id == asked), None)


class Answers(Model):
    """The answers to one form, about the household or about one of its members."""

    form: str
    version: int
    person_id: UUID | None = None
    answers: dict[str, bool | int | str] = Field(default_factory=dict, max_length=60)


_UNKNOWN: Final = Message("此表没有这个问题。", "The form has no such question.")
_REQUIRED: Final = Message("此题必答。", "This question must be answered.")
_KINDS: Final = {
    VisitAnswerKind.YES_NO: Message("请回答是或否（true/false）。", "Answer true or false."),
    VisitAnswerKind.CHOICE: Message("请从选项中选择。", "Choose one of the answers offered."),
    VisitAnswerKind.NUMBER: Message("请填写非负整数。", "Give a whole number, zero or more."),
    VisitAnswerKind.DAY: Message("请填写日期（YYYY-MM-DD）。", "Give a day as YYYY-MM-DD."),
    VisitAnswerKind.TEXT: Message("请填写 500 字以内的文字。", "Give a text of at most 500 signs."),
}


def answer_faults(form: Form, answers: Mapping[str, Any], pointer: str) -> list[Fault]:
    """Everything that stands against ``answers`` to ``form``; ``pointer`` is where they lie in the request."""
    faults = []
    for asked, answer in answers.items():
        question = form.question(asked)
        if question is None:
            faults.append(Fault(f"{pointer}/{asked}", "question_unknown", _UNKNOWN))
        elif not _fits(question, answer):
            faults.append(Fault(f"{pointer}/{asked}", "answer", _KINDS[question.kind]))
    faults += [
        Fault(f"{pointer}/{question.id}", "missing", _REQUIRED)
        for question in form.questions
        if question.is_required and question.known_from is None and question.id not in answers
    ]
    return faults


def _fits(question: Question, answer: Any) -> bool:
    match question.kind:
        case VisitAnswerKind.YES_NO:
            return isinstance(answer, bool)
        case VisitAnswerKind.NUMBER:
            return isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < 10**9
        case VisitAnswerKind.CHOICE:
            return answer in [choice.code for choice in question.choices]
        case VisitAnswerKind.DAY:
            return isinstance(answer, str) and _is_day(answer)
        case _:
            return isinstance(answer, str) and len(answer) <= ANSWER_LENGTH_MAX and _is_clean(answer)


class _OneDay(Model):
    on: Day


def _is_day(answer: str) -> bool:
    try:
        _OneDay(on=answer)
    except ValueError:
        return False
    return True


def _is_clean(answer: str) -> bool:
    try:
        clean(answer)
    except ValueError:
        return False
    return True
