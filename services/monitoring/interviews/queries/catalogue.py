"""Find forms by code, version and day, and show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from chassis.errors import Language, Message, NotFound
from services.monitoring.forms.model import Form, Question
from services.monitoring.interviews.household_check import FORMS
from services.monitoring.interviews.schemas import (
    FormChoice,
    FormQuestion,
    FormSection,
    InterviewFormHead,
    InterviewFormRead,
    InterviewForms,
)

_NO_FORM: Final = Message("没有这种核查表，或在该日期无效。", "There is no such form, or none in force on that day.")


def form_of(code: str, *, version: int | None = None, on: date, forms: Sequence[Form] = FORMS) -> Form:
    """A form by its version, or the latest in force on a day.

    :raises NotFound: if there is none.
    """
    found = [one for one in forms if one.code == code and (one.version == version if version else one.holds_on(on))]
    if not found:
        raise NotFound(_NO_FORM)
    return max(found, key=lambda one: one.version)


def show_forms(*, language: Language) -> InterviewForms:
    """Every version of every form."""
    return InterviewForms(items=[InterviewFormHead(**_head(form, language)) for form in FORMS])


def show_form(form: Form, *, language: Language) -> InterviewFormRead:
    """A form with its questions, in the reader's language."""
    sections = [
        FormSection(
            code=section.code,
            title=section.title.in_language(language),
            questions=[_question(question, language) for question in section.questions],
        )
        for section in form.sections
    ]
    return InterviewFormRead(**_head(form, language), sections=sections)


def _head(form: Form, language: Language) -> dict[str, object]:
    same = ("code", "version", "source", "valid_from", "valid_to")
    return {name: getattr(form, name) for name in same} | {"title": form.title.in_language(language)}


def _question(question: Question, language: Language) -> FormQuestion:
    low, high = question.ages
    return FormQuestion(
        code=question.code,
        title=question.title.in_language(language),
        kind=question.kind,
        per=question.per,
        choices=[FormChoice(code=code, label=label.in_language(language)) for code, label in question.choices.items()],
        age_from=low,
        age_to=high,
        is_required=question.is_required,
        tells_health=question.tells_health,
        known_from=list(question.known_from),
    )
