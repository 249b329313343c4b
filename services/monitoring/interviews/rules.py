"""Which fields a form has for a household, and what a filled form needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.errors import Fault, Message
from services.monitoring.consents.rules import age_on
from services.monitoring.forms.answers import how_to_answer, read_value
from services.monitoring.forms.model import Form, Question


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
            faults.append(
                Fault(f"/answers/{place}/value", f"not_{slot.question.kind.value}", how_to_answer(slot.question))
            )
            answers[key] = None
    for slot in fields:
        if slot.question.is_required and slot.key not in answers and slot.key not in known:
            message = Message(f"请填写：{slot.question.title.zh}。", f"Answer this too: {slot.question.title.en}.")
            faults.append(Fault(f"/answers/{slot.key}", "answer_missing", message))
    kept = {key: value for key, value in known.items() if key in by_key and key not in answers}
    same = {key for key, value in answers.items() if key in known and known[key] == value}
    prefilled = tuple(slot.key for slot in fields if slot.key in kept or slot.key in same)
    return Filled({**kept, **answers}, prefilled), faults


_MESSAGES: Final = {
    "field_unknown": Message("表中没有这一项，或不适用于此人。", "The form has no such field for this person."),
    "field_twice": Message("同一项出现两次，请保留一项。", "The same field is answered twice; keep one."),
}
