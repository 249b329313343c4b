"""Spells of work as people see them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Day, Model, RegionCode


class WorkSpellRead(Model):
    """就业经历: one spell of work of a person."""

    id: UUID
    person_id: UUID
    kind: str = Field(description="`work` 务工, `workshop` 帮扶车间, `post` 公益性岗位 or `self` 自主创业.")
    place: RegionCode | None = Field(description="The county of work; null if unknown or abroad.")
    started_on: Day | None = Field(description="Null while only its end has been heard of.")
    ended_on: Day | None = Field(description="The last day of work; null while it goes on.")
    end_reason: str | None
    version: int
    recorded_at: AwareDatetime


class WorkSpellPage(Page[WorkSpellRead]):
    """A person's spells of work, in the order in which the employment service made them."""


class WorkSpellQuery(PageQuery):
    """Which page."""
