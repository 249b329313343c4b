"""A form of visits as it is written down in a release and handed out: one list of questions, in both languages."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import Field

from chassis.errors import Message
from chassis.types import Model
from services.monitoring.forms import model
from services.monitoring.forms.model import AnswerKind

_FROM: Final = date(2021, 1, 1)


class Words(Model):
    """A text in both languages."""

    zh: str
    en: str


class VisitAnswerKind(StrEnum):
    """How a question of a visit is answered: by one answer, typed."""

    YES_NO = AnswerKind.YES_NO
    CHOICE = AnswerKind.CHOICE
    NUMBER = AnswerKind.NUMBER
    DAY = AnswerKind.DAY
    TEXT = AnswerKind.TEXT


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


class Answers(Model):
    """The answers to one form, about the household or about one of its members."""

    form: str
    version: int
    person_id: UUID | None = None
    answers: dict[str, bool | int | str] = Field(default_factory=dict, max_length=60)


def read_form(written: Form) -> model.Form:
    """The form that was written down.

    :raises ValueError: if a question is asked twice, or has choices that do not go with its kind.
    """
    questions = tuple(_question(one) for one in written.questions)
    return model.Form(
        code=written.type,
        version=written.version,
        title=_message(written.title),
        source=written.source,
        valid_from=_FROM,
        sections=(model.Section(written.type, _message(written.title), questions),),
    )


def show_form(form: model.Form) -> Form:
    """The form as it is handed out."""
    return Form(
        type=form.code,
        version=form.version,
        title=_words(form.title),
        source=form.source,
        questions=[
            Question(
                id=one.code,
                text=_words(one.title),
                kind=VisitAnswerKind(one.kind.value),
                is_required=one.is_required,
                per_person=one.per == "member",
                tells_health=one.tells_health,
                known_from=next(iter(one.known_from), None),
                choices=[Choice(code=code, text=_words(label)) for code, label in one.choices.items()],
            )
            for one in form.questions()
        ],
    )


def _question(written: Question) -> model.Question:
    return model.Question(
        code=written.id,
        title=_message(written.text),
        kind=AnswerKind(written.kind.value),
        per="member" if written.per_person else "household",
        choices={one.code: _message(one.text) for one in written.choices},
        known_from=() if written.known_from is None else (written.known_from,),
        is_required=written.is_required,
        tells_health=written.tells_health,
    )


def _message(words: Words) -> Message:
    return Message(words.zh, words.en)


def _words(message: Message) -> Words:
    return Words(zh=message.zh, en=message.en)
