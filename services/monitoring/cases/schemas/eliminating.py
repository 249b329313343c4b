"""What is said and shown when a risk is to be marked as eliminated, and what follows."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import Day, Model, Money
from services.monitoring.cases.rules.elimination import Guard
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.schemas.signing import Note
from services.monitoring.codes.monitoring import EliminationMode, MeasureKind
from services.monitoring.codes.registers import StageEndBasis, StudyStage


class EliminationQuery(Model):
    """By which mode; by default that of the proposal, or with help."""

    mode: EliminationMode | None = None


class GuardRead(Model):
    """One guard: its figures, and what would satisfy it where it fails."""

    guard: Guard
    passed: bool
    figures: str
    remedy: str | None


class RunningMeasure(Model):
    """帮扶延续: a measure that runs on after the elimination, until its contract, agreement or stage ends.

    Help with schooling runs to the end of the stage that the pupil is in, whatever end was planned; both are shown.
    """

    id: UUID
    kind: MeasureKind
    started_on: Day
    runs_until: Day | None = Field(description="Absent: open.")
    planned_end_on: Day | None = Field(description="The end that was planned; absent: none.")
    pupil_id: UUID | None = Field(
        description="Whose schooling it helps with; absent: no schooling, or nobody is known."
    )
    stage: StudyStage | None = Field(description="The stage that the pupil is in.")
    stage_ends_on: Day | None = Field(description="Last day of that stage; absent: not known.")
    stage_ends_by: StageEndBasis | None = Field(description="What the end of the stage goes by.")


class EliminationRead(Model):
    """Whether the household's risk could be marked as eliminated today."""

    case_id: UUID
    on: Day
    mode: EliminationMode
    first: Day = Field(description="First day of the window of income.")
    last: Day
    members: int
    net: Money
    ref: Money
    pc_net: Money = Field(description="Rounded, for display: sums decide.")
    pc_ref: Money = Field(description="Rounded, for display: sums decide.")
    self_pay: Money
    line: Money = Field(description="In force on the day, a person and year.")
    passed: bool
    guards: list[GuardRead]
    running: list[RunningMeasure] = Field(description="What would run on.")


class EliminationPropose(Model):
    """Propose that the risk is gone: by help, or by itself; for the latter the county says why."""

    mode: EliminationMode
    reason: Note | None = Field(None, description="Needed for `natural`.")
    note: Note | None = None


class Eliminated(CaseRow):
    """The case, eliminated, with what runs on."""

    running: list[RunningMeasure]
