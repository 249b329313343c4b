"""What clues take and show."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, ShortText, Text
from services.monitoring.cases.schemas.telling import NoticeKept, Told
from services.monitoring.codes.clues import Channel, DismissalReason
from services.monitoring.codes.monitoring import Risk


class ReportCreate(Model):
    """干部上报: what a cadre saw at a household."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    household_id: UUID
    risk: Risk
    description: Text = Field(min_length=1, max_length=500)
    seen_on: Day | None = Field(None, description="Absent: today.")


class ReportRead(Model):
    """A report as it was received; the clue that it raised or joined shows it as a hit."""

    id: UUID
    household_id: UUID
    risk: Risk
    seen_on: Day


class ClueState(StrEnum):
    """Where a clue stands."""

    OPEN = "open"
    IN_CASE = "in_case"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


Severity = Literal["H", "M", "L"]


class ClueQuery(PageQuery):
    """Which clues."""

    state: ClueState = ClueState.OPEN
    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    severity: Severity | None = None
    rule: ShortText | None = Field(None, description="Clues that a standing hit of this rule is in.")
    overdue: bool | None = Field(None, description="Whether the first judgement is overdue.")


class ClueRow(Model):
    """线索 in a queue: a reason to look at a household, and until when."""

    id: UUID
    region: RegionCode
    household_id: UUID
    state: ClueState
    severity: Severity
    raised_on: Day
    due_at: AwareDatetime | None = Field(description="Absent for a first load of history.")
    is_overdue: bool
    hit_count: int = Field(description="Hits that stand; for a department's clerk, those of its own rows.")
    case_id: UUID | None
    version: int


class CluePage(Page[ClueRow]):
    """Clues, the earliest due first."""


class RuleShown(Model):
    """The rule that fired, in the version that fired."""

    id: str
    version: int
    label: str
    clause: str = Field(description="The policy in our words.")
    document: str = Field(description="Its number, or empty.")


class ComparisonRead(Model):
    """One comparison of the rule: what it saw, against what, and how far apart they are, amounts in 元."""

    column: str
    label: str
    value: str | None = Field(description="Absent: unknown.")
    operator: str
    threshold: list[str]
    distance: str | None = Field(description="Value minus threshold, for an ordered comparison.")
    unit: str
    satisfied: bool | None
    sentence: str


class InputChangeRead(Model):
    """A change of one input; all changes of a list together would have kept the rule from firing."""

    column: str
    old: str | None
    new: str | None
    difference: str | None
    unit: str
    sentence: str


class SourceRead(Model):
    """部门数据来源: the row of a department that an input came from.

    Where `state` is `elsewhere` it was handed in in the county that the household left, which keeps it.
    """

    record_id: UUID
    department: str
    dataset: str
    dataset_title: str
    period: str = Field(description="Empty where `state` is `elsewhere`.")
    submission_id: UUID
    row_number: int
    event_date: Day | None
    state: str


class HitRead(Model):
    """命中: one rule that fired or one report, with everything that explains it.

    Where `hides_health` is true the caller's role may not know of health: what would tell it is left out.
    """

    id: UUID
    kind: Literal["rule", "cadre_report", "self_report"]
    state: Literal["standing", "withdrawn", "dismissed"]
    channel: Channel
    severity: Severity
    hit_on: Day
    due_at: AwareDatetime | None
    hides_health: bool
    person_id: UUID | None = None
    rule: RuleShown | None = None
    risk: Risk | None = None
    description: str | None = None
    comparisons: list[ComparisonRead] = Field(default_factory=list)
    smallest_change: list[InputChangeRead] = Field(default_factory=list)
    sources: list[SourceRead] = Field(default_factory=list)


class ClueRead(ClueRow):
    """A clue with its hits."""

    dismissed_reason: DismissalReason | None
    dismissed_note: str | None
    judged_at: AwareDatetime | None
    notices: list[NoticeKept] = Field(description="How whoever reported themselves was told that it was dismissed.")
    hits: list[HitRead]


class ClueDismiss(Told):
    """Why a clue needs no case; its facts then stay silent until they grow or their time passes.

    Whoever reported themselves is told: where a self-report is among its hits, say when and how.
    """

    reason: DismissalReason
    note: Text | None = Field(None, max_length=500, description="Required for `other`.")


class SilenceRead(Model):
    """Until when a dismissed fact stays silent: a day, or the value to which it must have grown before."""

    hit_id: UUID
    silent_until: Day
    speaks_at: str | None = Field(description="In 元 or the rule's own unit; absent: only time ends the silence.")


class ClueDismissed(ClueRow):
    """A dismissed clue, and how long its facts stay silent."""

    dismissed_reason: DismissalReason
    dismissed_note: str | None
    silences: list[SilenceRead]


class ReportState(Model):
    """A report and what became of it. `risk` and `description` are absent for roles that may not know of health."""

    id: UUID
    household_id: UUID
    risk: Risk | None
    description: str | None
    channel: Channel
    seen_on: Day
    clue_id: UUID
    clue_state: ClueState
