"""What comparisons take and show."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.operations.schemas import OperationProblem
from chassis.types import AwareDatetime, Code, Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.departments import Department
from services.monitoring.codes.evidence import ComparisonResult, ComparisonState

ANSWERS_MAX = 200
ITEMS_MAX = 500


class ComparisonQuery(PageQuery):
    """Which requests; a department's clerk meets those of the own department alone."""

    state: ComparisonState = ComparisonState.OPEN
    department: Department | None = None
    case_id: UUID | None = None
    household_id: UUID | None = None
    overdue: bool | None = Field(None, description="Whether the due has passed without an answer.")


class ComparisonRow(Model):
    """比对请求: one department is asked about one household."""

    id: UUID
    region: RegionCode
    household_id: UUID
    case_id: UUID
    department: str
    state: ComparisonState
    asked_on: Day
    due_at: AwareDatetime
    is_overdue: bool
    ended_at: AwareDatetime | None
    closed_reason: str | None
    version: int


class ComparisonPage(Page[ComparisonRow]):
    """Requests, the earliest due first."""


class ComparedValue(Model):
    """One value of a fact. Amounts are in 元, days in ISO 8601, a code with its label."""

    column: str
    label: str
    value: str
    value_label: str | None = Field(None, description="Chinese label of a code.")


class FactColumn(Model):
    """One value that a fact may have."""

    column: str
    label: str
    choices: list[str] = Field(description="Chinese labels of its codes, where it has codes.")


class ComparedItem(Model):
    """比对事项: one fact about one person. Where `hides_health` is true your role may not know what it says."""

    id: UUID
    person_id: UUID
    fact: str
    fact_title: str
    dataset: str | None = Field(description="The department's own file that prefills it.")
    record_id: UUID | None
    known_on: Day | None = Field(description="Up to when the department's file told it.")
    hides_health: bool = False
    known: list[ComparedValue] | None = Field(None, description="What the department's file says; absent: nothing.")
    columns: list[FactColumn] = Field(default_factory=list, description="The values that an answer may have.")
    result: ComparisonResult | None = None
    values: list[ComparedValue] | None = None
    note: str | None = None


class ComparedPerson(Model):
    """Whom the request is about, masked; `POST …/reveal` shows a clerk whom to look for."""

    person_id: UUID
    name: str
    identity_number_masked: str | None


class ComparisonBasis(Model):
    """Why nobody is asked: civil affairs compared the household when it granted this aid."""

    record_id: UUID
    aid_kind: str
    since: Day | None


class ComparisonRequestRead(ComparisonRow):
    """A request with its items."""

    basis: ComparisonBasis | None
    persons: list[ComparedPerson]
    items: list[ComparedItem]


class ItemAnswer(Model):
    """What the department says of one item."""

    item_id: UUID
    result: ComparisonResult
    values: dict[Code, ShortText] = Field(
        default_factory=dict,
        max_length=30,
        description="For `differs`: the values as texts, as a cell of the department's file would be written.",
    )
    note: Text | None = Field(None, max_length=500)


class ComparisonAnswer(Model):
    """反馈: what a department says of a request."""

    items: list[ItemAnswer] = Field(default_factory=list, max_length=ITEMS_MAX)
    rest: Literal["as_known"] | None = Field(
        None, description="Items not named are as they were shown: confirmed, or nothing known."
    )


class ComparisonAnswerOf(ComparisonAnswer):
    """The same for one of many requests."""

    request_id: UUID
    version: Annotated[int, Field(ge=1)] = Field(description="The version that you read.")


class ComparisonAnswers(Model):
    """Answers to many requests; each has a fate of its own."""

    answers: list[ComparisonAnswerOf] = Field(min_length=1, max_length=ANSWERS_MAX)


class AnswerFate(Model):
    """What became of one answer."""

    request_id: UUID
    outcome: Literal["applied", "rejected"]
    version: int | None = Field(description="The request's present version.")
    problem: OperationProblem | None = Field(None, description="Why it was rejected, as the single route would say.")


class AnswerFates(Model):
    """One fate for each answer, in the order handed in."""

    applied: int
    rejected: int
    results: list[AnswerFate]


class SheetQuery(Model):
    """In which form the sheet comes, and why you need names and numbers."""

    form: Literal["xlsx", "csv"] = "xlsx"
    purpose: ShortText


class SheetRowFault(Model):
    """One fault of one row of a sheet."""

    row: int
    column: str
    code: str
    message: str


class SheetFates(AnswerFates):
    """What became of the requests of a sheet; those without any result wait on."""

    left_open: int
    errors: list[SheetRowFault]


class ComparisonReveal(Model):
    """Why a clerk needs names and numbers whole."""

    purpose: ShortText


class RevealedPerson(Model):
    """Whom to look for."""

    person_id: UUID
    name: str
    identity_number: str | None


class RevealedPersons(Model):
    """Everybody that a request is about."""

    request_id: UUID
    persons: list[RevealedPerson]
