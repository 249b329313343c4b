"""Findings and clash tasks as people see and settle them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.choices import listed_in
from chassis.http.pagination import Page, PageQuery
from chassis.types import Code, Day, Model, RegionCode, Text
from services.monitoring.attention.rules import CARER_CODES
from services.monitoring.households.rules.judgement import DOUBT_CODES

FindingCode = Annotated[Code, listed_in(lambda: DOUBT_CODES | CARER_CODES)]
"""A code of the doubts about data (clause B12), or of a carer that a child lacks (clause H-23)."""


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    CORRECTED = "corrected"
    EXPLAINED = "explained"


class FindingRead(Model):
    """疑点: a doubt about the data of a household or person."""

    id: UUID
    household_id: UUID
    person_id: UUID | None
    region: RegionCode
    code: str
    field: str = Field(description="JSON pointer into the person, or into the household if there is no person.")
    message: str
    state: FindingState
    explanation: str | None
    found_on: Day
    settled_on: Day | None
    version: int


class FindingPage(Page[FindingRead]):
    """One page of findings."""


class FindingQuery(PageQuery):
    """Which findings."""

    state: FindingState = FindingState.OPEN
    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    code: FindingCode | None = Field(None, description="One of the codes that findings have.")


class FindingSettle(Model):
    """How a finding ends: the data was corrected, or it is right as it stands, with the reason."""

    outcome: Literal["corrected", "explained"]
    explanation: Text | None = Field(None, description="Required for `explained`.")


class ClashState(StrEnum):
    """Where a clash task stands."""

    OPEN = "open"
    KEPT = "kept"
    RELEASED = "released"


class ClashRead(Model):
    """重复登记核实: somebody tried to register elsewhere a person who stands here."""

    id: UUID
    person_id: UUID
    region: RegionCode = Field(description="Where the person stood when it was found.")
    claimed_region: RegionCode = Field(description="Who tried to register the person.")
    state: ClashState
    explanation: str | None
    found_on: Day
    settled_on: Day | None
    version: int


class ClashPage(Page[ClashRead]):
    """One page of clash tasks."""


class ClashQuery(PageQuery):
    """Which clash tasks."""

    state: ClashState = ClashState.OPEN


class ClashSettle(Model):
    """What the county found: the person stays here, or does not belong here any more and may be registered there."""

    outcome: Literal["kept", "released"]
    explanation: Text = Field(min_length=1)
