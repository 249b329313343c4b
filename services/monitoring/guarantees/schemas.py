"""What is said and asked about guarantees."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem

CHECKS_MAX = 50


class GuaranteeCheckCreate(Model):
    """What was found of one guarantee; anything but a yes says by what it is known."""

    id: ClientId | None = None
    item: GuaranteeItem
    answer: GuaranteeAnswer
    checked_on: Day | None = Field(None, description="Absent: today.")
    evidence: Text | None = Field(None, min_length=1, max_length=500, description="What was seen.")
    evidence_file_id: UUID | None = Field(None, description="A file uploaded for `guarantee_evidence`.")
    record_id: UUID | None = Field(None, description="The department's record that says so, where one was proposed.")
    source: ShortText = Field(description="Who said so: a visit, an appraisal, a department's list.")

    @model_validator(mode="after")
    def _exception_has_evidence(self) -> Self:
        said = (self.evidence, self.evidence_file_id, self.record_id)
        if self.answer is not GuaranteeAnswer.YES and not any(said):
            raise PydanticCustomError("evidence_missing", "Say by what it is known: evidence, a file or a record.")
        return self


class GuaranteeChecksCreate(Model):
    """保障核查表: checks of one household, recorded together or not at all; a visit meets all six at once."""

    checks: Annotated[list[GuaranteeCheckCreate], Field(min_length=1, max_length=CHECKS_MAX)]


class GuaranteeCheckWithdraw(Model):
    """Why a check does not count."""

    reason: ShortText


class GuaranteeCheckRead(Model):
    """One check."""

    id: UUID
    household_id: UUID
    region: RegionCode
    item: GuaranteeItem
    answer: GuaranteeAnswer
    checked_on: Day
    evidence: str | None = Field(description="Null for roles without a case to work on: it may tell of health.")
    evidence_file_id: UUID | None
    record_id: UUID | None
    source: str
    state: Literal["active", "withdrawn"]
    version: int
    recorded_at: AwareDatetime


class GuaranteeCheckPage(Page[GuaranteeCheckRead]):
    """Checks by day."""


class GuaranteeCheckQuery(PageQuery):
    """Which checks of the household."""

    state: Literal["active", "withdrawn"] = "active"


class GuaranteeChecksRead(Model):
    """The checks just recorded."""

    household_id: UUID
    checks: list[GuaranteeCheckRead]


class GuaranteesQuery(Model):
    """On which day; absent: today."""

    on: Day | None = None


class GuaranteeProposal(Model):
    """What a department's records say already, to be confirmed by one touch: answer, day, source and record."""

    item: GuaranteeItem
    answer: GuaranteeAnswer
    checked_on: Day
    source: str
    record_id: UUID
    dataset: str
    evidence: dict[str, Any] = Field(description="The department's own columns that say so.")


class GuaranteesRead(Model):
    """两不愁三保障及饮水安全 of a household on a day: which answer holds, what is unsolved, what nobody checked."""

    household_id: UUID
    on: Day
    answers: list[GuaranteeCheckRead] = Field(description="At most one an item: the latest.")
    failed: list[GuaranteeItem]
    missing: list[GuaranteeItem]
    proposals: list[GuaranteeProposal] = Field(
        description="What departments' records say of items, where that is newer than what was checked."
    )
