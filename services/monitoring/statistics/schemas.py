"""Figures as people ask for and read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, ClientId, Day, Model, RegionCode, ShortText
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.statistics.rules import CountedBasis, Figure, Grouping, Stage

_REGION = Field(None, description="Of which division; absent: your area.")
_ON = Field(None, description="As things stood on this day; absent: today.")
_KNOWN_AT = Field(
    None, description="As was on record at this instant; absent: now. Given back with the figures: ask with it again."
)
_DECIMAL = {"format": "decimal"}
Percent = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$", examples=["33.33"], json_schema_extra=_DECIMAL)]


class FiguresQuery(Model):
    """Which figures."""

    region: RegionCode | None = _REGION
    on: Day | None = _ON
    known_at: AwareDatetime | None = _KNOWN_AT
    by: Grouping | None = Field(None, description="By what they are told apart; absent: one group.")


class FigureRead(Model):
    """One figure, in 户 and 人; `list` is where its households are listed."""

    figure: Figure
    households: int
    persons: int
    list: str


class RatioRead(Model):
    """A share with what it is made of; `percent` is for display, and absent where there is nothing to divide by."""

    numerator: int
    denominator: int
    unit: Literal["户", "人"]
    on: Day
    percent: Percent | None
    numerator_list: str | None = Field(None, description="Where the numerator's households are listed.")
    denominator_list: str | None = Field(None, description="Where the denominator's are.")


class FigureGroup(Model):
    """The figures of one group, those of zero included; by month only what happened in the month, each registration of
    a household for itself."""

    key: str | None = Field(description="The type, risk, basis, division or month; null where nothing is told apart.")
    label: str | None = Field(description="What people call it.")
    figures: list[FigureRead]
    elimination_rate: list[RatioRead] = Field(description="风险消除率, for 户 and for 人; none by month.")


class FiguresRead(Model):
    """监测统计: registered households are active, eliminated or ended, and the books add up.

    With `by=risk` a household counts under each of its risks, so that the groups add up to more than all.
    """

    region: RegionCode
    on: Day
    known_at: AwareDatetime
    query_version: int
    by: Grouping | None
    groups: list[FigureGroup]


class CountedQuery(PageQuery):
    """Whose figure: the same as was asked with, and which group."""

    figure: Figure
    region: RegionCode | None = _REGION
    on: Day | None = _ON
    known_at: AwareDatetime | None = _KNOWN_AT
    type: MonitoringType | None = None
    risk: Risk | None = None
    basis: CountedBasis | None = None
    registered_month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None
    eliminated_month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None


class DurationsQuery(Model):
    """Of which cases: those whose first clue was raised between two days, both included."""

    region: RegionCode | None = _REGION
    since: Day | None = Field(None, description="Absent: a year before `until`.")
    until: Day | None = Field(None, description="Absent: today.")
    known_at: AwareDatetime | None = _KNOWN_AT


class DurationRead(Model):
    """How many days passed from the change at its source until a case came so far."""

    stage: Stage
    cases: int = Field(description="Cases that came so far; the others are not in the figures.")
    p50_days: int | None
    p90_days: int | None
    longest_days: int | None


class DurationsRead(Model):
    """各环节用时: percentiles (nearest rank) in days, from the day of what the first clue was raised for."""

    region: RegionCode
    since: Day
    until: Day
    known_at: AwareDatetime
    query_version: int
    cases: int = Field(description="All cases that began in the period; none that was taken over.")
    durations: list[DurationRead]


class CountedHousehold(Model):
    """A household behind a figure, as it was counted."""

    id: UUID
    region: RegionCode
    figure: Figure
    monitoring_type: MonitoringType
    members: int
    registered_on: Day
    eliminated_on: Day | None


class CountedPage(Page[CountedHousehold]):
    """The households behind a figure, by id."""


class PublicationCreate(Model):
    """Which figures to keep as published."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    title: ShortText
    region: RegionCode | None = _REGION
    on: Day | None = _ON
    by: Grouping | None = None


class PublicationRead(Model):
    """发布的统计: figures that were handed out, kept as they were."""

    id: UUID
    title: str
    region: RegionCode
    published_on: Day
    result: FiguresRead


class PublicationRow(Model):
    """A published statistic in a list."""

    id: UUID
    title: str
    region: RegionCode
    published_on: Day


class PublicationPage(Page[PublicationRow]):
    """Published statistics in the order in which they were published."""


class PublicationQuery(PageQuery):
    """Which page."""


def percent_text(percent: Decimal | None) -> Any:
    """As the wire has it."""
    return None if percent is None else str(percent)
