"""Offers to move a household from one area to another."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import Day, Model, RegionCode, ShortText
from services.monitoring.codes.changes import MoveOfferState


class Direction(StrEnum):
    """Which side of a transfer the caller's area is."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class TransferOffer(Model):
    """迁出: where the household would live, and from when."""

    to_region: RegionCode = Field(description="County, town or village that is to receive the household.")
    effective_on: Day = Field(description="From when, today or earlier; it cannot be accepted for an earlier day.")
    reason: ShortText


class TransferAccept(Model):
    """迁入: the village that takes the household in."""

    region: RegionCode = Field(description="村 within the offered division.")
    on: Day | None = Field(None, description="From when it holds; absent: today.")


class TransferClose(Model):
    """Why an offer is declined or withdrawn."""

    reason: ShortText


class TransferRead(Model):
    """An offer as both sides see it; the household itself is seen by the side where it lies."""

    id: UUID
    household_id: UUID
    from_region: RegionCode
    to_region: RegionCode
    effective_on: Day
    head_name_masked: str | None
    member_count: int = Field(description="When it was offered.")
    state: MoveOfferState
    reason: str
    answer: str | None = Field(description="Why it was declined or withdrawn.")
    answered_on: Day | None
    accepted_region: RegionCode | None
    version: int


class TransferPage(Page[TransferRead]):
    """One page of offers."""


class TransferQuery(PageQuery):
    """Which offers."""

    direction: Direction
    state: MoveOfferState = MoveOfferState.OPEN
