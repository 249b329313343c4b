"""表单: the forms of interviews and visits as data, each version with its days, checked when they are loaded.

A form changes by a new version: the old one stays, so that what was filled by it can still be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from chassis.errors import Message


class AnswerKind(StrEnum):
    """How a question is answered; only ``choices`` may have several answers."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, about the household or about each member.

    :param choices: code → label.
    :param known_from: where an office knows the answer from, the first that does: the form brings it along, and
        nobody types it.
    :param means: values of a source → the answer, where they are not the same.
    :param ages: it is asked only about members of these full years.
    :param tells_health: only who works on a case may read the answer (clause F6).
    """

    code: str
    title: Message
    kind: AnswerKind
    per: Literal["household", "member"] = "household"
    choices: Mapping[str, Message] = field(default_factory=dict)
    known_from: tuple[str, ...] = ()
    means: Mapping[str, Any] = field(default_factory=dict)
    ages: tuple[int, int] = (0, 150)
    is_required: bool = False
    tells_health: bool = False

    @property
    def is_sealed(self) -> bool:
        """Whether the answer lies encrypted: a cadre's own words may name people or an illness."""
        return self.tells_health or self.kind is AnswerKind.TEXT


@dataclass(frozen=True, slots=True)
class Section:
    """Questions of one theme."""

    code: str
    title: Message
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One version of a form.

    :param code: the same for all versions.
    :param valid_from: first day on which it may be filled; ``valid_to``: last, None while open.
    :param source: the paper that it follows.
    """

    code: str
    version: int
    title: Message
    source: str
    valid_from: date
    sections: tuple[Section, ...]
    valid_to: date | None = None

    def questions(self) -> Iterator[Question]:
        """Every question, in order."""
        for section in self.sections:
            yield from section.questions

    def question(self, code: str) -> Question | None:
        """The question of that code, or None."""
        return next((one for one in self.questions() if one.code == code), None)

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def __post_init__(self) -> None:
        codes = [question.code for question in self.questions()]
        if len(set(codes)) < len(codes):
            raise ValueError(f"form {self.code}/{self.version} asks one question twice")
        for question in self.questions():
            if (question.kind in (AnswerKind.CHOICE, AnswerKind.CHOICES)) != bool(question.choices):
                raise ValueError(f"question {question.code}: choices and kind do not go together")
