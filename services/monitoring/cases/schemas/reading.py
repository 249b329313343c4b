"""A case in a list, and one case with its plan and its whole history."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Model, Money, RegionCode
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose
from services.monitoring.cases.schemas.signing import SignatureRead
from services.monitoring.cases.schemas.telling import NoticeRead
from services.monitoring.codes.cases import (
    CaseAction,
    CaseState,
    Holder,
    Timeliness,
    VoteOutcome,
)
from services.monitoring.codes.evidence import InterviewMode
from services.monitoring.codes.monitoring import ClassificationBasis, EliminationMode, MonitoringType, Risk


class CaseQuery(PageQuery):
    """Which cases; by default all of your area, the earliest due first."""

    state: CaseState | None = None
    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    household_id: UUID | None = None
    holder: Holder | None = Field(None, description="Who holds the step today.")
    late: bool | None = Field(None, description="Whether the step is past its due.")
    due_by: Day | None = Field(None, description="Steps that are due on this day or before.")
    update_awaited: bool | None = Field(
        None, description="Whether the household is followed up and its last annual window is not updated yet."
    )


class CaseRow(Model):
    """个案: one household on its way to the register, and what it waits for."""

    id: UUID
    region: RegionCode
    household_id: UUID
    state: CaseState
    origin: str = Field(description="`clue`, or `migrated` from the national system.")
    urgent: bool = Field(description="绿色通道: help may begin before the register.")
    day_0: Day = Field(description="The day from which its limit runs.")
    step: Step | None = Field(description="The step that it waits for; absent once it is registered or has ended.")
    holder: Holder | None = Field(description="Who holds that step, or the next one of its elimination, today.")
    due_on: Day | None = Field(description="The last day on which whoever holds it is in time.")
    timeliness: Timeliness | None
    escalated_to: RegionCode | None = Field(description="The highest division that is told of a late step.")
    registered_on: Day | None
    monitoring_type: MonitoringType | None
    help_plan_due_on: Day | None = Field(description="Until when help is planned, while nobody has been named.")
    help_plan_late: bool
    previous_case_id: UUID | None = Field(
        description="The one before it: the household's last, or that of the household which it split off from."
    )
    merged_into: UUID | None = Field(description="个案并入: the case that goes on for its people since a merger.")
    version: int


class CasePage(Page[CaseRow]):
    """Cases, the earliest due first; those that wait for nothing come last."""


class PlannedStep(Model):
    """One step of the plan that the case is worked by."""

    step: Step
    due_on: Day
    beside: Step | None = Field(description="The step during which it runs.")
    done_on: Day | None
    timeliness: Timeliness | None = Field(description="Of a step that is not done, as of today; else when it was done.")


class CaseStepRead(Model):
    """One entry of the history."""

    number: int
    action: CaseAction
    from_state: CaseState | None
    to_state: CaseState
    on_day: Day
    subject: str
    role: str
    reason: str | None
    note: str | None = Field(description="Shown to who works with the household.")
    details: dict[str, str]
    taken_at: AwareDatetime


class VerificationRead(Model):
    """入户核实 as the first person recorded it, and what the second one said."""

    id: UUID
    verified_on: Day
    mode: InterviewMode
    summary: str | None = Field(description="Shown to who works with the household.")
    risks: list[Risk]
    helper: str | None = Field(description="Who wrote for somebody who cannot write.")
    first_subject: str
    second_subject: str | None
    outcome: str | None = Field(description="`confirmed`, `not_confirmed`, or `replaced` by a later one.")
    purpose: Purpose
    interview_id: UUID | None = Field(description="The countersigned form that it was taken from.")


class VoteRead(Model):
    """What a meeting decided on this case."""

    meeting_id: UUID
    outcome: VoteOutcome
    in_favour: int
    against: int
    abstained: int
    recused: int = Field(description="How many did not vote, being related.")
    risks: list[Risk]
    needs: str | None


class ShownDays(Model):
    """Days on which the case hung on a public list."""

    list_id: UUID
    since: Day
    until: Day | None
    counts: bool = Field(description="False for days of a list that was changed, or before an objection upheld.")


class PublicityRead(Model):
    """How long the case has been shown, and from which day it may pass."""

    days: int = Field(description="Whole days needed.")
    days_shown: int
    passes_on: Day | None = Field(description="Absent while it does not hang.")
    over_on: Day | None = Field(description="The last of its whole days; absent while it is interrupted.")
    lines: list[ShownDays]


class ObjectionRead(Model):
    """公示异议 and what came of it."""

    id: UUID
    received_on: Day
    words: str | None = Field(description="Shown to who works with the household.")
    state: str
    finding: str | None
    settled_on: Day | None


class FollowUpRead(Model):
    """消除后跟踪: until when, and what is due meanwhile; the visits are duties like all others."""

    until: Day | None = Field(description="The area's end of the follow-up; absent: open.")
    next_visit_due_on: Day | None = Field(description="As of the last refresh of the visits that are due.")
    update_first: Day = Field(description="First day of the last annual window.")
    update_last: Day
    update_due_on: Day = Field(description="Until when the figures of that window are to be updated.")
    updated: bool = Field(
        description="Figures of that window were recorded after it had ended, or it ended before the elimination."
    )
    update_late: bool


class CaseRead(CaseRow):
    """One case with its plan and all that happened to it."""

    limit_days: int | None
    counted_in: str | None = Field(description="`calendar` or `working` days.")
    plan_source: str | None
    plan: list[PlannedStep]
    clues: list[UUID]
    returned_to: CaseState | None
    compared_on: Day | None
    risks: list[Risk] = Field(description="Those that tell of health are shown to case roles only.")
    risk_note: str | None
    basis: ClassificationBasis | None
    line: Money | None = Field(description="The line of the decision's day, a person and year.")
    help_person: str | None
    helped_from: Day | None
    eliminated_on: Day | None
    ended_on: Day | None
    merged_cases: list[UUID] = Field(description="Cases that a merger ended, and this one goes on for their people.")
    verifications: list[VerificationRead]
    votes: list[VoteRead]
    publicity: PublicityRead | None
    elimination_mode: EliminationMode | None = Field(description="As proposed; as decided once it is eliminated.")
    elimination_comparison_days: int | None = Field(
        description="How long departments have, as it was when the elimination was proposed; 0: they are not asked."
    )
    elimination_compared_on: Day | None
    elimination_publicity: PublicityRead | None
    follow_up: FollowUpRead | None = Field(description="From the elimination on.")
    signatures: list[SignatureRead]
    notices: list[NoticeRead] = Field(description="How the household was told that the case came to nothing.")
    objections: list[ObjectionRead]
    history: list[CaseStepRead]
