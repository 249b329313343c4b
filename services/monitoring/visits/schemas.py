"""Visits and what is due as people see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, Text
from services.monitoring.codes.visits import VisitReason, VisitWay
from services.monitoring.forms.schemas import Answers, Form

PHOTO_PURPOSE = "visit_photo"
FORMS_MAX = 20
"""One general form, and one for each member whom a duty is about."""

Findings = Annotated[Text | None, Field(max_length=1000)]
Forms = Annotated[list[Answers], Field(max_length=FORMS_MAX)]


class VisitCreate(Model):
    """走访: what was found at a household. No photo is asked for, and no position is taken."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; sent again, it takes effect once.")
    household_id: UUID
    visited_on: Day | None = Field(None, description="Absent: today.")
    way: VisitWay = VisitWay.AT_HOME
    forms: Forms = Field(default_factory=list)
    findings: Findings = None
    next_on: Day | None = Field(None, description="When you said that you would come again.")
    photo_file_id: UUID | None = Field(None, description=f"If you chose to: a photo uploaded for `{PHOTO_PURPOSE}`.")


class VisitAmend(Model):
    """What a visit should have said; what is left out stays."""

    visited_on: Day | None = None
    way: VisitWay | None = None
    forms: Forms | None = None
    findings: Findings = None
    next_on: Day | None = None
    photo_file_id: UUID | None = None
    reason: Text = Field(min_length=1, max_length=200)


class VisitVoid(Model):
    """Why a visit does not count."""

    reason: Text = Field(min_length=1, max_length=200)


class DutyMet(Model):
    """A duty that a visit met."""

    reason: VisitReason
    person_id: UUID | None = Field(description="Absent: a duty to the household.")
    due_on: Day


class VisitRead(Model):
    """One visit. Findings, answers and a photo are for case roles only, and so are duties that tell of health."""

    id: UUID
    region: RegionCode
    household_id: UUID
    visited_on: Day
    way: VisitWay
    forms: list[Answers] | None
    findings: str | None
    next_on: Day | None
    photo_file_id: UUID | None
    state: Literal["recorded", "voided"]
    void_reason: str | None
    is_taken_over: bool = Field(description="Told by an export of the national system, not recorded here.")
    met: list[DutyMet]
    version: int
    recorded_at: AwareDatetime


class VisitPage(Page[VisitRead]):
    """A household's visits, by their day."""


class VisitQuery(PageQuery):
    """Which of the household's visits."""

    state: Literal["recorded", "voided"] = "recorded"


class VisitVersion(Model):
    """What a visit said before an amendment."""

    version: int
    visited_on: Day
    way: VisitWay
    findings: str | None
    next_on: Day | None
    replaced_at: AwareDatetime
    reason: str


class VisitVersions(Model):
    """What a visit said before, the oldest first."""

    items: list[VisitVersion]


class DueRow(Model):
    """A visit that is due: to whom, why, until when, and since when it is late or nobody has come."""

    household_id: UUID
    region: RegionCode
    head_name: str | None
    reason: VisitReason
    person_id: UUID | None = Field(description="The member whom the duty is about; absent: the household.")
    begins_on: Day = Field(description="Since when the duty counts; taken over: that day.")
    last_visited_on: Day | None = Field(description="Absent: nobody has come since the duty began.")
    due_on: Day
    late_since: Day | None = Field(description="Absent: not late.")
    form: str


class DuePage(Page[DueRow]):
    """What is due, the earliest first."""


class DueQuery(PageQuery):
    """Which visits."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    mine: bool = Field(False, description="Only households that are paired with you, or whom you stand in for.")
    helper_id: UUID | None = Field(None, description="Only households that this helper is paired with.")
    household_id: UUID | None = None
    reason: VisitReason | None = None
    until: Day | None = Field(None, description="Due on that day or earlier; absent: all.")
    is_late: bool | None = Field(None, description="Whether the due has passed.")


class DutyRead(Model):
    """走访责任 of an area on a day."""

    reason: VisitReason
    rhythm: Literal["days", "month", "quarter", "half_year", "year"]
    days: int | None
    form: str
    source: str


class DutyQuery(Model):
    """Where and when."""

    region: RegionCode | None = Field(None, description="Default: your own county.")
    on: Day | None = None


class DutyList(Model):
    """The duties in force; set by the parameters `visits.*`, by two persons, with area, dates and source."""

    region: RegionCode
    on: Day
    items: list[DutyRead]


class FormList(Model):
    """Every version of every form of visits."""

    items: list[Form]


class KnownAnswer(Model):
    """An answer that an office holds: shown, not asked."""

    form: str
    question: str
    person_id: UUID | None
    value: Any
    source: str


class VisitFormRead(Model):
    """One sheet for one visit: every form that the household's duties want, and what is known already."""

    household_id: UUID
    duties: list[DutyMet]
    forms: list[Form]
    known: list[KnownAnswer]
