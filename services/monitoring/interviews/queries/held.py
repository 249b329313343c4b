"""Interviews that were held: rows for the case, and documents for who may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from services.monitoring.forms.answers import shown_value
from services.monitoring.households.queries.one import KNOWS_HEALTH, household_row
from services.monitoring.interviews.queries.catalogue import form_of
from services.monitoring.interviews.schemas import FieldAnswer, InterviewRead, InterviewRow, Interviews
from services.monitoring.interviews.tables import Interview

INTERVIEW: Final = rows(Interview)
TABLE: Final = "interview"


async def list_interviews(unit: UnitOfWork, household_id: UUID) -> Interviews:
    """A household's filled forms, the newest first.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    statement = select(INTERVIEW).where(INTERVIEW.c.household_id == household_id, in_area(unit))
    found = await unit.connection.execute(statement.order_by(INTERVIEW.c.held_on.desc(), INTERVIEW.c.id.desc()))
    return Interviews(items=[InterviewRow(**_shown(unit, row)) for row in found])


async def interview_row(unit: UnitOfWork, interview_id: UUID, *, lock: bool = False) -> Any:
    """The row of a filled form in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(INTERVIEW).where(INTERVIEW.c.id == interview_id, in_area(unit))
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_interview(unit: UnitOfWork, row: Any, *, language: Language) -> InterviewRead:
    """A filled form with its answers; health and people's own words are for who works on the case."""
    form = form_of(row.form, version=row.form_version, on=row.held_on)
    questions = {question.code: question for question in form.questions()}
    may_know = unit.actor.role in KNOWS_HEALTH
    sealed: Mapping[str, Any] = orjson.loads(opened(unit, row, "sealed_answers") or "{}")
    everything = {**row.answers, **sealed}
    answers = []
    for key, value in everything.items():
        code, _, person = key.partition("@")
        question = questions[code]
        hidden = question.is_sealed and not may_know
        answers.append(
            FieldAnswer(
                question=code,
                title=question.title.in_language(language),
                person_id=UUID(person) if person else None,
                value=None if hidden else shown_value(question, value),
                is_prefilled=key in row.prefilled,
                is_hidden=hidden,
            )
        )
    order = {code: place for place, code in enumerate(questions)}
    answers.sort(key=lambda one: order[one.question])
    others = opened(unit, row, "others_present") if may_know else None
    return InterviewRead(**_shown(unit, row), others_present=others, answers=answers)


def opened(unit: UnitOfWork, row: Any, column: str) -> str | None:
    """What was sealed in a column, or None."""
    sealed = getattr(row, column)
    if sealed is None:
        return None
    return unit.vault.encryptor.open(bytes(sealed), table=TABLE, column=column, row=row.id)


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return INTERVIEW.c.region.between(unit.area.lo, unit.area.hi)


def _shown(unit: UnitOfWork, row: Any) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in InterviewRow.model_fields if name != "is_mine"}
    return {**known, "is_mine": row.recorded_by == unit.actor.subject}
