"""What is said and asked about divisions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import Day, Integer, Model, RegionCode, ShortText
from services.monitoring.codes.regions import DivisionKind, SuccessionKind


class RegionRead(Model):
    """A division as it was on a day."""

    code: RegionCode
    name: str
    level: int = Field(description="Number of significant digits: 2, 4, 6, 9 or 12.")
    kind: DivisionKind
    parent: RegionCode | None
    valid_from: Day
    valid_to: Day | None = Field(description="Last day; absent while it holds.")
    successor: RegionCode | None = Field(description="The one division that it became.")
    version: int


class RegionPage(Page[RegionRead]):
    """Divisions by code."""


class RegionQuery(PageQuery):
    """Which divisions: below which one, on which day."""

    parent: RegionCode | None = None
    on: Day | None = Field(None, description="Absent: today.")


class RegionDayQuery(Model):
    """On which day; absent: today."""

    on: Day | None = None


class SuccessionRead(Model):
    """What a division became on a day."""

    predecessor: RegionCode
    successor: RegionCode
    kind: SuccessionKind
    on: Day
    reason: str


class RegionHistory(Model):
    """Everything that a code was called, and what came before and after it."""

    items: list[RegionRead]
    successions: list[SuccessionRead]


class RegionRowError(Model):
    """One fault of one row; `row` counts as the sender's program shows it."""

    row: int
    column: str
    code: str
    message: str


class RegionImportResult(Model):
    """What became of a file's rows; the first four add up to `total`."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    total: int
    errors: list[RegionRowError]


class SuccessionCreate(Model):
    """One division becomes another. A split has one entry for each part."""

    predecessor: RegionCode
    successor: RegionCode
    kind: SuccessionKind
    successor_name: Annotated[
        ShortText | None, Field(description="Name of a successor that is not on record yet, or the new name.")
    ] = None


class SuccessionsCreate(Model):
    """One day's changes of divisions, entered together."""

    on: Day = Field(description="First day of the new codes, today or earlier.")
    reason: ShortText = Field(description="The paper that orders it, with its number.")
    successions: Annotated[list[SuccessionCreate], Field(min_length=1, max_length=500)]


class Undecided(Model):
    """A code whose households must be told apart one by one."""

    code: RegionCode
    may_go_to: list[RegionCode]
    households: Integer


class SuccessionsResult(Model):
    """What one day's changes did."""

    on: Day
    divisions_ended: int
    divisions_opened: int
    households_moved: int
    persons_moved: int
    undecided: list[Undecided]
