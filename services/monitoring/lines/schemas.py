"""What is said and asked about monitoring lines."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Integer, Model, Money, MoneyInput, RegionCode, ShortText
from services.monitoring.codes.monitoring import ClassificationBasis, Rule60

LineKind = Literal["base_line", "county_income", "rule_60"]
LineState = Literal["proposed", "active", "withdrawn"]


class _LineCreate(Model):
    id: UUID | None = None
    scope: Annotated[RegionCode, Field(description="The division that it holds in, within your area.")]
    valid_from: Day
    valid_to: Annotated[Day | None, Field(description="Last day; absent while it holds.")] = None
    source: Annotated[ShortText, Field(description="The document that says so, with its number.")]


class BaseLineCreate(_LineCreate):
    """监测范围: the per-capita income below which a household is in range, a person and year."""

    kind: Literal["base_line"] = "base_line"
    amount: Annotated[MoneyInput, Field(gt=0)]


class CountyIncomeCreate(_LineCreate):
    """上年人均纯收入: a county's per-capita net income of `year`, on the days on which it is the figure in use."""

    kind: Literal["county_income"] = "county_income"
    amount: Annotated[MoneyInput, Field(gt=0)]
    year: Annotated[Integer, Field(ge=2000, le=2100)]


class Rule60Create(_LineCreate):
    """60%规则: whether a county uses a share of its own income as a second line, and which share."""

    kind: Literal["rule_60"] = "rule_60"
    mode: Rule60
    percent: Annotated[Integer, Field(ge=1, le=100, description="In hundredths; the paper that rules it says which.")]


LineCreate = Annotated[BaseLineCreate | CountyIncomeCreate | Rule60Create, Field(discriminator="kind")]


class LineWithdraw(Model):
    """Why a row is taken back."""

    reason: ShortText


class LineRead(Model):
    """One row that lines are made of; fields that its kind does not have are null."""

    id: UUID
    scope: RegionCode
    kind: str
    amount: Money | None
    year: int | None
    mode: Rule60 | None
    percent: int | None
    valid_from: Day
    valid_to: Day | None
    source: str
    state: str
    proposed_by: str
    confirmed_by: str | None
    withdrawn_by: str | None
    version: int
    recorded_at: AwareDatetime


class LinePage(Page[LineRead]):
    """Rows by division, kind and first day."""


class LineQuery(PageQuery):
    """Which rows; by default all that lie around or within your area."""

    scope: RegionCode | None = None
    kind: LineKind | None = None
    state: LineState | None = None


class EffectiveLineQuery(Model):
    """For which county, on which day; by default your own, today."""

    region: RegionCode | None = None
    on: Day | None = None


class LineUsed(Model):
    """A row that the line was made of, with its paper."""

    id: UUID
    source: str


class EffectiveLineRead(Model):
    """The line that a decision of that day uses (clause B2), a person and year."""

    county: RegionCode
    on: Day
    line: Money
    basis: ClassificationBasis = Field(description="Which of the two it is; a tie is the base line's.")
    base_line: Money
    county_line: Money | None = Field(description="Null where the 60 % rule is off; under `watch` it never decides.")
    rule_60: Rule60
    used: list[LineUsed]
