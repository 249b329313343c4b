"""Helpers and pairings as people see them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.visits import HelperKind

HOUSEHOLDS_MAX = 1000
"""One town's share of a large unit; more go in several requests."""


class HelperCreate(Model):
    """Who is to help households."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    kind: HelperKind
    officer_id: UUID | None = Field(None, description="Required for `officer`, whose name is then known.")
    name: ShortText | None = Field(None, description="Required for `person` and `unit`.")
    unit_name: ShortText | None = Field(None, description="The unit that a person belongs to.")
    scope: RegionCode | None = Field(None, description="The division that answers for the helper; default: your own.")


class HelperRead(Model):
    """帮扶责任人."""

    id: UUID
    scope: RegionCode
    kind: HelperKind
    officer_id: UUID | None
    name: str
    unit_name: str | None
    recorded_at: AwareDatetime


class HelperPage(Page[HelperRead]):
    """Helpers around and within your area."""


class PairingCreate(Model):
    """A helper's new households; a main helper takes the place of the one before."""

    helper_id: UUID
    household_ids: Annotated[list[UUID], Field(min_length=1, max_length=HOUSEHOLDS_MAX)]
    is_main: bool = True
    starts_on: Day
    source: Text = Field(min_length=1, max_length=200, description="The paper that says so.")


class HandOver(Model):
    """All, or some, of a helper's households go to another from a day on."""

    to_helper_id: UUID
    on: Day = Field(description="The other's first day; the eve of it is the former's last.")
    household_ids: Annotated[list[UUID] | None, Field(max_length=HOUSEHOLDS_MAX)] = Field(
        None, description="Absent: every household of your area that the helper has on that day."
    )
    reason: Text = Field(min_length=1, max_length=200)


class OfficerHandOver(Model):
    """Everything that an officer has in hand goes to another from a day on."""

    to_officer_id: UUID
    on: Day = Field(description="The other's first day; the eve of it is the former's last.")
    reason: Text = Field(min_length=1, max_length=200)


class PairingsMade(Model):
    """What a pairing or a hand-over did."""

    helper_id: UUID
    paired: int = Field(description="Households that are paired with the helper now.")
    ended: int = Field(description="Pairings that this brought to an end.")


class PairingEnd(Model):
    """The last day of a pairing."""

    ends_on: Day
    reason: Text = Field(min_length=1, max_length=200)


class PairingRead(Model):
    """结对帮扶: one helper of one household between two days."""

    id: UUID
    region: RegionCode
    household_id: UUID
    helper_id: UUID
    helper_name: str
    helper_kind: HelperKind
    unit_name: str | None
    is_main: bool
    starts_on: Day
    ends_on: Day | None
    source: str
    version: int


class PairingPage(Page[PairingRead]):
    """Pairings, by household and first day."""


class PairingQuery(PageQuery):
    """Which pairings."""

    on: Day | None = Field(None, description="Those that hold on that day; absent: today.")
    all: bool = Field(False, description="Past and future ones too.")
