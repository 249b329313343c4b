"""What rules, trials and runs take and show."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Integer, Model, RegionCode, ShortText, Text
from services.monitoring.entitlements.policy import PolicyTerms
from services.monitoring.screening.vocabulary import Grain, Kind

RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,15}$")]
Severity = Literal["H", "M", "L"]


class Wording(Model):
    """One text in both languages."""

    zh: ShortText
    en: ShortText


class RuleState(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class GrowingRead(Model):
    """The amount whose growth ends a silence, and the threshold that measures the step."""

    column: str
    threshold: str


class RuleDraft(Model):
    """A version of a rule to be tried: a condition over the vocabulary, with what it means.

    Numbers in it are parameters (`:name`) that have a value for the area today. Departments and contracts are read off
    the condition.
    """

    scope: RegionCode | None = Field(None, description="The division it is for; absent: your own.")
    grain: Grain
    subject: Grain = Field(description="What a fact is about: one fact is a rule, its subject and a calendar year.")
    severity: Severity
    expression: Text
    label: Wording
    clause: Wording
    document: str = Field("", max_length=200)
    source: ShortText = Field(description="Who decided it, and where that is written.")
    notes: Wording | None = None
    growing: GrowingRead | None = None
    policy: PolicyTerms | None = Field(None, description="Given: the condition says to whom a benefit is due.")


class RuleRow(Model):
    """规则版本: one version of a clue rule."""

    id: UUID
    rule_id: str
    version: int
    scope: int = Field(description="Division code; 0 for the nation.")
    state: RuleState
    grain: Grain
    severity: Severity
    label: Wording
    departments: list[str]
    effective_from: Day | None
    effective_to: Day | None
    tried_at: AwareDatetime | None
    revision: int = Field(description="For If-Match; the version's own document version.")


class RuleRead(RuleRow):
    """One version with everything that it is."""

    subject: Grain
    expression: str
    parameters: list[str]
    datasets: list[str]
    clause: Wording
    notes: dict[str, str]
    document: str
    source: str
    growing: GrowingRead | None
    policy: PolicyTerms | None
    drafted_by_me: bool
    activated_at: AwareDatetime | None
    retirement_asked: bool = Field(description="One person asked to retire it; it goes when a second one does too.")


class RulePage(Page[RuleRow]):
    """Versions of rules."""


class RuleQuery(PageQuery):
    """Which versions."""

    state: RuleState | None = None
    rule_id: RuleId | None = None
    purpose: Literal["clue", "entitlement"] = "clue"


class TrialRequest(Model):
    """Over which county's data, and as if on which day, a draft is tried."""

    region: RegionCode | None = Field(None, description="A county; absent: the draft's own, or yours.")
    as_of: Day | None = Field(None, description="Absent: today.")


class TrialRead(Model):
    """试运行: how many a draft would hit, and how that differs from the version in force."""

    id: UUID
    rule_id: str
    rule_version: int
    compared_version: int | None
    region: RegionCode
    as_of: Day
    state: Literal["waiting", "succeeded", "failed"]
    counts: dict[str, int] = Field(
        description="`hits`, `in_force`, and `added`, `gone`, `same` of the two; `hit_households` of the `households` "
        "looked at, `hit_persons` of the `persons`, who may have left or died of late. A rule of a household's own "
        "facts hits no person."
    )
    job_id: UUID | None


class Difference(StrEnum):
    """Who hits: the draft alone, the version in force alone, or both."""

    ADDED = "added"
    GONE = "gone"
    SAME = "same"


class TrialHitQuery(PageQuery):
    """Which hits of a trial."""

    difference: Difference | None = None


class TrialHitRead(Model):
    """Whom a trial would hit; `inputs` are left out for roles that may not know of health."""

    number: int
    difference: Difference
    region: RegionCode
    household_id: UUID
    person_id: UUID | None
    record_id: UUID | None
    inputs: dict[str, int | bool | str | None] | None


class TrialHitPage(Page[TrialHitRead]):
    """Hits of a trial, the changes first."""


class RuleTermRead(Model):
    """词汇: one published name that a rule may use."""

    name: str
    kind: Kind
    label: str
    meaning: str
    unit: str
    grains: list[Grain]
    values: dict[str, str]
    nullable: bool
    sources: list[str]


class VocabularyRead(Model):
    """Everything that a rule may name."""

    terms: list[RuleTermRead]


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RunRequest(Model):
    """Ask for a screening of your county now."""

    is_history: bool = Field(False, description="A first load of history: its clues have no due.")


class RunRead(Model):
    """筛查: one run of all rules over a county's data."""

    id: UUID
    region: RegionCode
    as_of: Day
    cause: Literal["batch", "schedule", "officer", "history"]
    state: RunState
    counts: dict[str, int]
    rules: dict[str, Integer] = Field(description="The version that ran, by rule.")
    error_code: str | None
    job_id: UUID
    requested_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    version: int


class RunPage(Page[RunRead]):
    """Runs, the newest first."""


class RunQuery(PageQuery):
    """Which runs."""

    state: RunState | None = None
