"""入户核查表: the form in force, with what offices know written in and room for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.paper.document import Block, Document, Fields, Heading, Note, Signatures, Table
from services.monitoring.forms.answers import shown_value
from services.monitoring.forms.model import AnswerKind, Form, Question, Section
from services.monitoring.interviews.rules import Slot
from services.monitoring.paper.rules.facts import HouseholdFacts

ABREAST_MAX: Final = 4
"""Members side by side in one table."""
CHOICES_MAX: Final = 12
"""As many choices are printed to be ticked; of a longer list the answer is written."""


def interview_form(
    facts: HouseholdFacts,
    form: Form,
    fields: Sequence[Slot],
    known: Mapping[str, Any],
    names: Mapping[UUID, str],
    on: date,
) -> Document:
    """The form for one household.

    :param known: answer by key of a field, as far as an office has it.
    :param names: of the members that it asks about, in their order.
    """
    blocks: list[Block] = [
        Fields(
            (("户主", facts.head), ("家庭人口", f"{len(facts.members)}人"), ("联系电话", facts.phone), ("核查日期", ""))
        )
    ]
    for section in form.sections:
        blocks += _section(section, fields, known, names)
    blocks.append(Note(f"已印内容来自部门和登记信息，与实际不符的请划改。第 {form.version} 版。"))
    blocks.append(Signatures(("户主或代答人（签名、捺印）", "核查人一", "核查人二", "日期")))
    return Document(form.title.zh, tuple(blocks), subtitle=facts.place, foot=f"{form.title.zh} {facts.village} {on}")


def _section(
    section: Section, fields: Sequence[Slot], known: Mapping[str, Any], names: Mapping[UUID, str]
) -> list[Block]:
    asked = {question.code: question for question in section.questions}
    own = [slot for slot in fields if slot.question.code in asked]
    blocks: list[Block] = [Heading(section.title.zh)]
    household = [slot for slot in own if slot.person is None]
    if household:
        pairs = tuple((slot.question.title.zh, _answer(slot.question, known.get(slot.key))) for slot in household)
        blocks.append(Fields(pairs, columns=1 if any(slot.question.choices for slot in household) else 2))
    of_members = [slot for slot in own if slot.person is not None]
    people = [person for person in names if any(slot.person == person for slot in of_members)]
    abreast = (people[start : start + ABREAST_MAX] for start in range(0, len(people), ABREAST_MAX))
    return [*blocks, *(_members(of_members, known, some, names) for some in abreast)]


def _members(
    fields: Sequence[Slot], known: Mapping[str, Any], people: Sequence[UUID], names: Mapping[UUID, str]
) -> Table:
    by_place = {(slot.question.code, slot.person): slot for slot in fields}
    questions = {slot.question.code: slot.question for slot in fields if slot.person in people}
    rows = []
    for code, question in questions.items():
        cells = []
        for person in people:
            slot = by_place.get((code, person))
            cells.append("／" if slot is None else _answer(question, known.get(slot.key)))
        rows.append((question.title.zh, *cells))
    return Table(("项目", *(names[one] for one in people)), tuple(rows), (2, *(3 for _ in people)))


def _answer(question: Question, value: Any) -> str:
    """What is known, or the choices to tick; one that is known is ticked already."""
    given = [] if value is None else shown_value(question, value)
    if question.kind is AnswerKind.YES_NO:
        return _ticked({"true": "是", "false": "否"}, given)
    labels = {code: label.zh for code, label in question.choices.items()}
    if labels and len(labels) <= CHOICES_MAX:
        return _ticked(labels, given)
    return "、".join(labels.get(one, one) for one in given)


def _ticked(choices: Mapping[str, str], given: Sequence[str]) -> str:
    return "  ".join(f"{'■' if code in given else '□'}{label}" for code, label in choices.items())
