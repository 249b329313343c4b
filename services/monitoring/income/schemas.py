"""What is said and asked about a household's income."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Model, Money, MoneyInput, RegionCode, ShortText
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.income.low_income import Treatment
from services.monitoring.income.rules import WindowKind

Month = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]


class IncomeLineCreate(Model):
    """One amount, with the day of payment, or the month for what is paid by month."""

    id: UUID | None = None
    kind: IncomeLineKind
    amount: Annotated[MoneyInput, Field(ge=0)]
    on: Day | None = None
    month: Month | None = Field(None, description="In place of `on`; it then counts on the month's first day.")
    person_id: UUID | None = Field(None, description="The member who got or paid it, where it is one member's.")
    source: ShortText = Field(description="Who said so: a paper, a department's batch, an interview.")

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if (self.on is None) == (self.month is None):
            raise PydanticCustomError("one_date", "Give either the day or the month.")
        return self

    @property
    def counts_on(self) -> date:
        return self.on or date.fromisoformat(f"{self.month}-01")


class IncomeStatementCreate(Model):
    """收支申报: lines of one household, recorded together or not at all."""

    lines: Annotated[list[IncomeLineCreate], Field(min_length=1, max_length=500)]


class IncomeLineCorrect(Model):
    """What a line should say; what is absent stays as it is."""

    kind: IncomeLineKind | None = None
    amount: Annotated[MoneyInput, Field(ge=0)] | None = None
    on: Day | None = None
    person_id: UUID | None = None
    source: ShortText | None = None
    reason: ShortText = Field(description="Why the line is corrected.")

    @model_validator(mode="before")
    @classmethod
    def _not_emptied(cls, said: Any) -> Any:
        if isinstance(said, dict) and any(said.get(name, ...) is None for name in ("kind", "amount", "on", "source")):
            raise PydanticCustomError("not_emptied", "Leave a field out to keep it; it cannot be emptied.")
        return said


class IncomeLineWithdraw(Model):
    """Why a line no longer counts."""

    reason: ShortText


class IncomeLineRead(Model):
    """One amount of a household."""

    id: UUID
    household_id: UUID
    person_id: UUID | None
    region: RegionCode
    kind: IncomeLineKind
    group: IncomeGroup
    amount: Money
    on: Day
    source: str
    source_event_id: UUID | None
    state: str
    version: int
    recorded_at: AwareDatetime


class IncomeLinePage(Page[IncomeLineRead]):
    """Lines by day."""


class IncomeLineQuery(PageQuery):
    """Which lines of the household."""

    state: Literal["active", "withdrawn"] = "active"


class IncomeStatementRead(Model):
    """The lines just recorded."""

    household_id: UUID
    lines: list[IncomeLineRead]


class IncomeLineVersion(Model):
    """What a line said before a correction."""

    version: int
    kind: IncomeLineKind
    amount: Money
    on: Day
    source: str
    replaced_at: AwareDatetime
    reason: str


class IncomeLineVersions(Model):
    """What a line said before, the first version first; bounded, since each entry is a correction by hand."""

    items: list[IncomeLineVersion]


class IncomeQuery(Model):
    """Over which twelve months (clause B3): `entry` with the decision's day, or `annual` with the year it ends in."""

    window: Literal["entry", "annual"] = "entry"
    on: Day | None = Field(None, description="Day of the decision, for the entry window; absent: today.")
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None

    @property
    def window_kind(self) -> WindowKind:
        return WindowKind.DECISION if self.window == "entry" else WindowKind.ANNUAL


class IncomeWindow(Model):
    """Twelve whole months, both days included."""

    kind: str
    first: Day
    last: Day


class IncomeRatio(Model):
    """A sum for each member: what is compared is `numerator` with a line times `members`; `rounded` is for display."""

    numerator: Money
    members: int
    rounded: Money
    unit: str = "元/人"
    on: Day


class IncomeTotal(Model):
    """The sum of one group."""

    group: IncomeGroup
    amount: Money


class IncomeRead(Model):
    """收支情况 of one window (clause B4), with every line that went into it."""

    household_id: UUID
    window: IncomeWindow
    members: int
    members_on: Day = Field(description="The day whose household was counted.")
    totals: list[IncomeTotal]
    net: Money
    ref: Money
    pc_net: IncomeRatio
    pc_ref: IncomeRatio
    lines: list[IncomeLineRead]


class LowIncomeQuery(Model):
    """As of when: the twelve whole months before the day's month."""

    on: Day | None = Field(None, description="Absent: today.")


class LowIncomeLine(Model):
    """One line, and what of it counts for 低保."""

    line_id: UUID
    kind: IncomeLineKind
    on: Day
    amount: Money
    treatment: Treatment = Field(description="Why the amount counts as it does.")
    counted: Money = Field(description="What it comes to; below zero for an expense.")


class LowIncomeReview(Model):
    """低保收入认定 (L-12): what of the income counts for 低保 by the day's numbers. It is no net income."""

    household_id: UUID
    window: IncomeWindow
    members: int
    lines: list[LowIncomeLine]
    counted: Money
    per_month: Money = Field(description="For each member and month; for display, what is compared is the sum.")
    standard: Money = Field(description="低保 standard of a month and member on the day.")
    is_below_standard: bool
    excluded_kinds: list[IncomeLineKind]
    working_cost_percent: int
