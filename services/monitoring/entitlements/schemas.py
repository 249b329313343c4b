"""Entitlements and gaps as people see them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import Day, Model, RegionCode, ShortText, Text
from services.monitoring.codes.departments import Department
from services.monitoring.codes.entitlements import PolicyClass

State = Literal["missing", "received", "explained", "over"]


class EntitlementRead(Model):
    """应享政策: what is due by a policy, and whether it was received."""

    id: UUID
    region: RegionCode
    household_id: UUID
    person_id: UUID | None = Field(description="Absent: due to the household as a whole.")
    policy_id: str
    policy_version: int
    label: str
    clause: str
    benefit: str
    policy_class: PolicyClass
    department: str
    inputs: dict[str, Any] = Field(description="What the policy's condition saw.")
    state: State
    state_since: Day
    due_since: Day
    ended_on: Day | None
    received_on: Day | None
    received_from: Literal["measure", "income", "dataset"] | None
    received_id: UUID | None
    explanation: str | None
    version: int


class EntitlementSheet(Model):
    """A person's sheet: all that is due to them and to their household, received and missing."""

    person_id: UUID
    household_id: UUID
    items: list[EntitlementRead]


class SheetQuery(Model):
    """What the sheet shows."""

    past: bool = Field(False, description="Also what is due no longer.")


class GapRow(EntitlementRead):
    """A gap with whom it is about, their name as the caller may see it."""

    person_name: str | None


class GapPage(Page[GapRow]):
    """Gaps of a department, the oldest first."""


class GapQuery(PageQuery):
    """Which gaps."""

    department: Department | None = Field(None, description="A department's clerk sees the own one's only.")
    policy_id: ShortText | None = Field(None, description="A policy of your area, see `/rules?purpose=entitlement`.")
    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    state: Literal["missing", "explained", "received"] = "missing"


class GapExplain(Model):
    """Why nothing is owed though the policy's condition holds."""

    explanation: Text = Field(min_length=1, max_length=500)


class ComputeRequest(Model):
    """Ask for a new look at what is due in your county."""


class ComputeRead(Model):
    """The job that looks; its result counts what it found."""

    job_id: UUID
    region: RegionCode
    as_of: Day
