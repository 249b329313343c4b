"""Make one sheet for one visit: the forms that the household's duties want, filled with what offices already hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.masking import mask_name
from services.monitoring.attention.queries.guardians import KnownGuardian, known_guardians
from services.monitoring.attention.rules import FORM as GUARDIANSHIP
from services.monitoring.forms.schemas import show_form
from services.monitoring.households.queries.one import KNOWS_NAMES, household_row, member_rows
from services.monitoring.visits.forms import newest
from services.monitoring.visits.queries.due import DUE
from services.monitoring.visits.schemas import DutyMet, KnownAnswer, VisitFormRead
from services.monitoring.visits.visibility import HEALTH_REASONS, knows_health

_REGISTRY: Final = "户籍与家庭登记"
_WORKING: Final = ("skilled", "ordinary", "weak")
GENERAL: Final = "general"
GUARDIAN: Final = "guardian"
"""What a question's ``known_from`` names where the last check, or the register of children, knows the answer."""


async def visit_form(unit: UnitOfWork, household_id: UUID) -> VisitFormRead:
    """The sheet for the next visit.

    :raises NotFound: if there is no such household in the caller's area.
    """
    household = await household_row(unit, household_id)
    members = [member for member in await member_rows(unit, household_id) if member.state == "active"]
    statement = select(DUE).where(DUE.c.household_id == household_id, DUE.c.region == household.region)
    if not knows_health(unit):
        statement = statement.where(DUE.c.reason.not_in(HEALTH_REASONS))
    dues = (await unit.connection.execute(statement.order_by(DUE.c.due_on, DUE.c.reason, DUE.c.subject_id))).all()
    types = list(dict.fromkeys([GENERAL, *(due.form for due in dues)]))
    forms = [newest(form_type) for form_type in types]
    today = unit.clock.today()
    about = {form: [due.person_id for due in dues if due.form == form and due.person_id] for form in types}
    people = {member.id: member for member in members}
    guardians = await known_guardians(unit, about.get(GUARDIANSHIP, []), on=today)
    known = []
    for form in forms:
        for question in form.questions():
            if not question.known_from:
                continue
            [source] = question.known_from
            asked = [people[person] for person in dict.fromkeys(about[form.code]) if person in people]
            if source == GUARDIAN:
                answers = [(one.id, *_guardian(unit, guardians.get(one.id))) for one in asked]
            elif question.per == "member":
                answers = [(one.id, OF_PERSON[source](one, today), _REGISTRY) for one in asked]
            else:
                answers = [(None, OF_HOUSEHOLD[source](household, members), _REGISTRY)]
            known += [
                KnownAnswer(form=form.code, question=question.code, person_id=person, value=value, source=said_by)
                for person, value, said_by in answers
                if value is not None
            ]
    return VisitFormRead(
        household_id=household_id,
        duties=[DutyMet(reason=due.reason, person_id=due.person_id, due_on=due.due_on) for due in dues],
        forms=[show_form(form) for form in forms],
        known=known,
    )


def _guardian(unit: UnitOfWork, known: KnownGuardian | None) -> tuple[str | None, str]:
    if known is None:
        return None, _REGISTRY
    return known.name if unit.actor.role in KNOWS_NAMES else mask_name(known.name), known.source


def _age(person: Any, today: date) -> int:
    born: date = person.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


OF_PERSON: Final[Mapping[str, Callable[[Any, date], Any]]] = {"age": _age}
OF_HOUSEHOLD: Final[Mapping[str, Callable[[Any, list[Any]], Any]]] = {
    "members": lambda _household, members: len(members),
    "labour": lambda _household, members: sum(one.labour_skill in _WORKING for one in members),
    "not_insured": lambda _household, members: sum(one.is_insured is False for one in members),
    "students": lambda _household, members: sum(one.school_stage is not None for one in members),
    "eliminated_on": lambda household, _members: household.eliminated_on and household.eliminated_on.isoformat(),
}
"""What else it names: what the registry holds."""
