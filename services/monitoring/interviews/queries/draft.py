"""Prepare a form for a household, and say how much of what was asked an office knew already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.forms.answers import shown_value
from services.monitoring.forms.model import Form
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import household_row, member_rows
from services.monitoring.interviews.queries.catalogue import form_of
from services.monitoring.interviews.queries.held import INTERVIEW
from services.monitoring.interviews.queries.prefill import Prefilled, prefill
from services.monitoring.interviews.rules import Slot, slots
from services.monitoring.interviews.schemas import (
    InterviewDraft,
    InterviewDraftQuery,
    PrefilledShare,
    PrefilledShareQuery,
    PreparedField,
)
from services.monitoring.statistics.queries.counting import Question, settle


async def prepare(
    unit: UnitOfWork, household: Any, form: Form, on: date
) -> tuple[Sequence[Any], list[Slot], dict[str, Prefilled]]:
    """The present members of a household, the form's fields for it, and the answers that offices know."""
    members = [row for row in await member_rows(unit, household.id) if row.state == "active"]
    fields = slots(form, {row.id: row.birth_date for row in members}, on)
    return members, fields, await prefill(unit, household, members, fields, on=on)


async def draft_interview(unit: UnitOfWork, household_id: UUID, query: InterviewDraftQuery) -> InterviewDraft:
    """A form for a household with what is known; only the open fields have to be asked.

    :raises NotFound: if there is no such household in the caller's area, or no such form on that day.
    """
    on = query.on or unit.clock.today()
    household = await household_row(unit, household_id)
    form = form_of(query.form, on=on)
    _members, fields, known = await prepare(unit, household, form, on)
    return InterviewDraft(
        household_id=household.id,
        form=form.code,
        form_version=form.version,
        fields=[_field(slot, known.get(slot.key)) for slot in fields],
        fields_total=len(fields),
        fields_prefilled=len(known),
    )


async def prefilled_share(unit: UnitOfWork, form: str, query: PrefilledShareQuery) -> PrefilledShare:
    """Over the filled forms of an area: how many fields an office knew, of how many.

    Asked again with the same ``known_at`` it gives the same, as long as the households live where they did.

    :raises NotFound: if the division lies outside the caller's area, or there is no such form.
    :raises InvalidInput: for a day or an instant that has not come: what will be known then is not known now.
    """
    area = narrowed(unit, query.region)
    last = query.last or unit.clock.today()
    region = query.region or unit.actor.assignment.region
    known_at = await settle(unit, Question(region, last, query.known_at))
    form_of(form, on=last)
    statement = select(
        func.count().label("interviews"),
        func.coalesce(func.sum(INTERVIEW.c.fields_prefilled), 0).label("numerator"),
        func.coalesce(func.sum(INTERVIEW.c.fields_total), 0).label("denominator"),
    ).where(
        INTERVIEW.c.form == form,
        INTERVIEW.c.region.between(area.lo, area.hi),
        INTERVIEW.c.held_on <= last,
        INTERVIEW.c.recorded_at <= known_at,
        or_(INTERVIEW.c.withdrawn_at.is_(None), INTERVIEW.c.withdrawn_at > known_at),
    )
    if query.first is not None:
        statement = statement.where(INTERVIEW.c.held_on >= query.first)
    counted = (await unit.connection.execute(statement)).one()
    return PrefilledShare(
        form=form,
        region=region,
        first=query.first,
        last=last,
        known_at=known_at,
        interviews=counted.interviews,
        numerator=int(counted.numerator),
        denominator=int(counted.denominator),
    )


def _field(slot: Slot, known: Prefilled | None) -> PreparedField:
    return PreparedField(
        question=slot.question.code,
        person_id=slot.person,
        value=None if known is None else shown_value(slot.question, known.value),
        known_from=known and known.known_from,
        known_on=known and known.known_on,
    )
