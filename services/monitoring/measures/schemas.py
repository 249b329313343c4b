"""Measures as people see and record them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Integer, Model, Money, MoneyInput, RegionCode, ShortText
from services.monitoring.codes.measures import MeasureEnd, MeasureScheme, MeasureTiming
from services.monitoring.codes.monitoring import MeasureKind, Risk
from services.monitoring.measures.rules.schemes import Span

Risks = Annotated[list[Risk], Field(max_length=len(Risk))]
Amount = Annotated[MoneyInput, Field(ge=0)]


class MeasureTerms(Model):
    """What a scheme asks beside the rest; what does not belong to the scheme is left out."""

    is_extension: bool = Field(False, description="小额信贷: 续贷 or 追加.")
    subsidy_percent: Annotated[Integer, Field(ge=0, le=100)] | None = Field(
        None, description="小额信贷: share of the interest that is paid for the borrower."
    )
    is_for_production: bool = Field(True, description="小额信贷: used for production, not for living.")
    is_guaranteed: bool = Field(False, description="小额信贷: a guarantee or a mortgage was asked for.")
    is_own_use: bool = Field(
        True, description="小额信贷: the household that borrows uses and repays it (户贷户用户还)."
    )
    span: Span | None = Field(None, description="雨露计划: what the amount is for.")
    is_full_time: bool = Field(True, description="雨露计划: a full-time student.")


class MeasureCreate(Model):
    """Help that begins, or began."""

    id: ClientId | None = None
    kind: MeasureKind
    description: ShortText = Field(description="What is done, in a line: 家庭医生签约, 公益岗位护林员.")
    risks: Risks = Field(default_factory=list, description="The risks that it answers.")
    started_on: Day | None = Field(None, description="Absent: today.")
    planned_end_on: Day | None = Field(None, description="Last day by contract, agreement or stage; absent: open.")
    amount: Amount | None = None
    person_id: UUID | None = Field(None, description="The member whom it is for, where it is one member's.")
    case_id: UUID | None = Field(None, description="The case that it belongs to.")
    funding_id: UUID | None = Field(None, description="What the funds service pays it from.")
    scheme: MeasureScheme | None = Field(None, description="The policy that it is given under, if it has conditions.")
    terms: MeasureTerms = Field(default_factory=MeasureTerms)
    evidence_file_id: UUID | None = Field(None, description="A file uploaded for `measure_evidence`.")
    source: ShortText = Field(description="Who said so: a contract, a payment list, a visit.")


class MeasureAmend(Model):
    """What a measure should say; what is absent stays as it is."""

    kind: MeasureKind | None = None
    description: ShortText | None = None
    risks: Risks | None = None
    started_on: Day | None = None
    planned_end_on: Day | None = None
    amount: Amount | None = None
    person_id: UUID | None = None
    case_id: UUID | None = None
    funding_id: UUID | None = None
    scheme: MeasureScheme | None = None
    terms: MeasureTerms | None = None
    evidence_file_id: UUID | None = None
    source: ShortText | None = None
    reason: ShortText = Field(description="Why it is amended.")

    @model_validator(mode="before")
    @classmethod
    def _not_emptied(cls, said: Any) -> Any:
        kept = ("kind", "description", "risks", "started_on", "terms", "source")
        if isinstance(said, dict) and any(said.get(name, ...) is None for name in kept):
            raise PydanticCustomError("not_emptied", "Leave a field out to keep it; it cannot be emptied.")
        return said


class MeasureEndCreate(Model):
    """That help ended, and why."""

    ended_on: Day | None = Field(None, description="Absent: today.")
    reason: MeasureEnd
    note: ShortText | None = Field(None, description="Needed where the reason is `other`.")


class MeasureWithdraw(Model):
    """Why a measure was never given as it stands here."""

    reason: ShortText


class MeasureRead(Model):
    """帮扶措施: one measure of a household, recorded here or known from the national system."""

    id: UUID
    household_id: UUID
    kind: MeasureKind
    started_on: Day
    ended_on: Day | None
    amount: Money | None
    state: Literal["in_force", "replaced"] = Field(
        description="`replaced`: it counts no more: a later export says something else of it, or it was withdrawn."
    )
    source_id: UUID = Field(description="The export that brought it; of one recorded here, its own id.")
    recorded_at: AwareDatetime
    origin: Literal["own", "national"] = "national"
    progress: Literal["running", "ended", "withdrawn"] = "running"
    region: RegionCode | None = None
    person_id: UUID | None = Field(None, description="Null for roles without a case, where it would tell of health.")
    case_id: UUID | None = None
    description: str | None = Field(None, description="Null for roles without a case to work on.")
    risks: list[Risk] = Field(default_factory=list)
    timing: MeasureTiming | None = Field(
        None, description="`after_event`: the household was hit or registered on the first day. Null: not known."
    )
    planned_end_on: Day | None = None
    end_reason: MeasureEnd | None = None
    end_note: str | None = None
    funding_id: UUID | None = None
    scheme: MeasureScheme | None = None
    terms: MeasureTerms | None = None
    evidence_file_id: UUID | None = None
    source: str | None = None
    version: int | None = None


class MeasurePage(Page[MeasureRead]):
    """A household's measures, by their first day."""


class MeasureQuery(PageQuery):
    """Which of the household's measures."""

    state: Literal["in_force", "replaced"] = "in_force"


class MeasureVersion(Model):
    """What a measure said before a change."""

    version: int
    kind: MeasureKind
    started_on: Day
    planned_end_on: Day | None
    ended_on: Day | None
    amount: Money | None
    progress: Literal["running", "ended", "withdrawn"]
    source: str
    replaced_at: AwareDatetime
    reason: str | None


class MeasureVersions(Model):
    """What a measure said before, the first version first; bounded, since each entry is a change by hand."""

    items: list[MeasureVersion]


class MissingMeasureQuery(PageQuery):
    """Which gaps; by default all that are due in your area."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    household_id: UUID | None = None
    due_by: Day | None = Field(None, description="Gaps whose time is over on this day; absent: today.")


class MissingMeasureRead(Model):
    """措施缺口: help that a registered household is to have and has not."""

    household_id: UUID
    region: RegionCode
    code: Literal["no_measure", "risk_without_measure", "no_developmental_measure"]
    risk: Risk | None = Field(description="The risk that nothing answers; null for the other gaps.")
    due_on: Day
    kinds: list[MeasureKind] = Field(description="Any of these would close the gap; empty: any kind.")
    sentence: str


class MissingMeasurePage(Page[MissingMeasureRead]):
    """Gaps, by household."""
