"""Measures as people see them."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Model, Money
from services.monitoring.codes.monitoring import MeasureKind


class MeasureRead(Model):
    """帮扶措施: one measure of a household, so far as the national system knows it."""

    id: UUID
    household_id: UUID
    kind: MeasureKind
    started_on: Day
    ended_on: Day | None
    amount: Money | None
    state: Literal["in_force", "replaced"] = Field(description="`replaced`: a later export says something else of it.")
    source_id: UUID = Field(description="The export that brought it.")
    recorded_at: AwareDatetime


class MeasurePage(Page[MeasureRead]):
    """A household's measures, by their first day."""


class MeasureQuery(PageQuery):
    """Which of the household's measures."""

    state: Literal["in_force", "replaced"] = "in_force"
