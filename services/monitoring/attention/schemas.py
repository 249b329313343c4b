"""Marks, checks of guardianship and carers as people see them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.visits import AttentionKind, CarerKind


class AttentionCreate(Model):
    """Why a person needs attention, since when, and who says so."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    kind: AttentionKind
    starts_on: Day
    ends_on: Day | None = None
    source: Text = Field(min_length=1, max_length=200)


class FactEnd(Model):
    """The last day of a fact."""

    ends_on: Day
    reason: Text = Field(min_length=1, max_length=200)


class AttentionRead(Model):
    """三留守与重点人群: one mark of a person."""

    id: UUID
    region: RegionCode
    household_id: UUID
    person_id: UUID
    kind: AttentionKind
    starts_on: Day
    ends_on: Day | None
    source: str
    version: int
    recorded_at: AwareDatetime
    end_reason: str | None = Field(description="Why it ended: the list that leaves the person out, or people's reason.")
    ended_at: AwareDatetime | None = Field(description="When its end was recorded; absent: it goes on, or was planned.")


class AttentionRow(AttentionRead):
    """A mark in its register, with the latest check of guardianship."""

    person_name: str
    guardianship_checked_on: Day | None
    guardianship_is_adequate: bool | None


class AttentionPage(Page[AttentionRow]):
    """A register of people who need attention."""


class AttentionQuery(PageQuery):
    """Which marks."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    kind: AttentionKind | None = None
    person_id: UUID | None = None
    on: Day | None = Field(None, description="Those that hold on that day; absent: today.")


class GuardianshipCreate(Model):
    """What a check of a left-behind person's guardianship found."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    checked_on: Day | None = Field(None, description="Absent: today.")
    guardian: ShortText | None = Field(None, description="Who cares for the person now; absent: nobody.")
    is_adequate: bool
    note: Text | None = Field(None, max_length=500)


class GuardianshipRead(Model):
    """监护核查 of a day."""

    id: UUID
    person_id: UUID
    checked_on: Day
    guardian: str | None
    is_adequate: bool
    note: str | None
    visit_id: UUID | None = Field(description="The visit whose form said so; absent: recorded by itself.")
    recorded_at: AwareDatetime


class CarerCreate(Model):
    """One of a child's carers; takes the place of the one of that kind before."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    kind: CarerKind
    name: ShortText
    starts_on: Day
    source: Text = Field(min_length=1, max_length=200)


class CarerRead(Model):
    """关爱人 of a child."""

    id: UUID
    person_id: UUID
    kind: CarerKind
    name: str
    starts_on: Day
    ends_on: Day | None
    source: str
    version: int


class CareQuery(Model):
    """When."""

    on: Day | None = Field(None, description="Absent: today.")


class CareRead(Model):
    """A child's carers on a day, which kinds are missing, and every check of guardianship."""

    person_id: UUID
    on: Day
    carers: list[CarerRead]
    missing: list[CarerKind] = Field(description="Kinds that the area wants and nobody is named for.")
    checks: list[GuardianshipRead]
