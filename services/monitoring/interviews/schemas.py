"""What interviews take and show."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.choices import listed_in
from chassis.types import AwareDatetime, ClientId, Code, Day, Integer, Model, RegionCode, ShortText, Text
from services.monitoring.codes.evidence import InterviewMode
from services.monitoring.forms.model import AnswerKind
from services.monitoring.interviews.household_check import FORMS

InterviewFormCode = Annotated[Code, listed_in(lambda: [form.code for form in FORMS])]
"""A form's code, of any of its versions."""


class InterviewFormQuery(Model):
    """Which version of a form."""

    version: Annotated[int, Field(ge=1)] | None = Field(None, description="Absent: the one in force on `on`.")
    on: Day | None = Field(None, description="Absent: today.")


class FormChoice(Model):
    """One choice of a question."""

    code: str
    label: str


class FormQuestion(Model):
    """One question of a form."""

    code: str
    title: str
    kind: AnswerKind
    per: Literal["household", "member"]
    choices: list[FormChoice]
    age_from: int = Field(description="It is asked only about members of these full years.")
    age_to: int
    is_required: bool
    tells_health: bool
    known_from: list[str] = Field(description="Where an office knows the answer from, the first that does.")


class FormSection(Model):
    """Questions of one theme."""

    code: str
    title: str
    questions: list[FormQuestion]


class InterviewFormHead(Model):
    """One version of a form."""

    code: str
    version: int
    title: str
    source: str
    valid_from: Day
    valid_to: Day | None


class InterviewForms(Model):
    """Every version of every form."""

    items: list[InterviewFormHead]


class InterviewFormRead(InterviewFormHead):
    """A version of a form with its questions."""

    sections: list[FormSection]


class InterviewDraftQuery(Model):
    """Which form to prepare."""

    form: InterviewFormCode = "household_check"
    on: Day | None = Field(None, description="The day of the interview. Absent: today.")


class PreparedField(Model):
    """One field of a form for a household; it is open where no office knows the answer."""

    question: str
    person_id: UUID | None
    value: list[str] | None = Field(description="What is known; absent: ask.")
    known_from: str | None
    known_on: Day | None


class InterviewDraft(Model):
    """A form prepared for a household: only what is open has to be asked."""

    household_id: UUID
    form: str
    form_version: int
    fields: list[PreparedField]
    fields_total: int
    fields_prefilled: int


class InterviewAnswer(Model):
    """One answer, always as texts: `true`/`false`, codes, `1200.00`, `2024-06-03`."""

    question: Code
    person_id: UUID | None = Field(None, description="For questions about a member.")
    value: list[Text] = Field(max_length=30)


class InterviewCreate(Model):
    """入户核查: a filled form. What an office knows needs no answer; one that is given counts instead."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    case_id: UUID | None = None
    form: Code = "household_check"
    form_version: Annotated[Integer, Field(ge=1)]
    held_on: Day | None = Field(None, description="Absent: today.")
    mode: InterviewMode
    present: list[UUID] = Field(min_length=1, max_length=50, description="The members who were there or spoken to.")
    others_present: ShortText | None = Field(None, description="Who else was there, such as the second verifier.")
    answers: list[InterviewAnswer] = Field(max_length=1000)


class InterviewWithdraw(Model):
    """Why a filled form does not count."""

    reason: ShortText


class InterviewRow(Model):
    """A filled form without its answers."""

    id: UUID
    household_id: UUID
    region: RegionCode
    case_id: UUID | None
    form: str
    form_version: int
    held_on: Day
    mode: InterviewMode
    state: Literal["recorded", "countersigned", "withdrawn"]
    present: list[UUID]
    fields_total: int
    fields_prefilled: int
    recorded_at: AwareDatetime
    countersigned_at: AwareDatetime | None
    is_mine: bool = Field(description="Whether you wrote it: then somebody else countersigns.")
    version: int


class Interviews(Model):
    """A household's filled forms, the newest first."""

    items: list[InterviewRow]


class FieldAnswer(Model):
    """One answered field."""

    question: str
    title: str
    person_id: UUID | None
    value: list[str] | None = Field(description="Absent where `is_hidden`.")
    is_prefilled: bool
    is_hidden: bool = Field(description="It tells of health or is in somebody's own words: your role may not read it.")


class InterviewRead(InterviewRow):
    """A filled form."""

    others_present: str | None
    answers: list[FieldAnswer]


class PrefilledShareQuery(Model):
    """Over which interviews."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    first: Day | None = Field(None, description="Held on this day or later.")
    last: Day | None = Field(None, description="Held on this day or before. Absent: today.")
    known_at: AwareDatetime | None = Field(None, description="As it was known then. Absent: now.")


class PrefilledShare(Model):
    """预填比例: how many fields of the interviews an office knew, so that nobody typed them."""

    form: str
    region: RegionCode
    first: Day | None
    last: Day
    known_at: AwareDatetime
    interviews: int
    numerator: int = Field(description="Fields that were prefilled.")
    denominator: int = Field(description="All fields.")
    unit: str = "项"
