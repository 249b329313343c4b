"""What waits for somebody, as people see it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from chassis.http.pagination import Page, PageQuery
from chassis.types import Day, Model, RegionCode
from services.monitoring.codes.cases import Holder, Timeliness
from services.monitoring.codes.todo import TodoKind

MORE: Final = 99
"""Counts go so far; beyond that they say that there are more."""


class TodoQuery(PageQuery):
    """Which to-dos."""

    mine: bool = Field(False, description="Only of households that are paired with you, or whom you stand in for.")


class TodoRead(Model):
    """One thing that waits. `holder` has to do it; where that is a level below yours, you see it because it is late."""

    kind: TodoKind
    subject_id: UUID = Field(description="What it is about, by kind: a clue, a case, a request, a household, …")
    household_id: UUID | None = Field(description="Absent where no household is known yet.")
    head_name: str | None = Field(description="The head of the household, for roles that work with it.")
    region: RegionCode
    holder: Holder
    due_on: Day | None = Field(description="The last day in time; absent where no clock runs.")
    timeliness: Timeliness
    is_escalated: bool = Field(description="It waits for a level below yours, and is late enough for you to know.")
    since: Day = Field(description="Since when it waits.")
    path: str = Field(description="Where it is done, below the service's own path.")


class TodoPage(Page[TodoRead]):
    """To-dos, the earliest due first."""


class TodoCountQuery(Model):
    """Whose to-dos are counted."""

    mine: bool = Field(False, description="Only of households that are paired with you, or whom you stand in for.")


class TodoCount(Model):
    """How many of one kind wait."""

    kind: TodoKind
    count: Annotated[int, Field(ge=0, le=MORE)]
    has_more: bool = Field(description="There are more than `count`.")


class TodoCounts(Model):
    """How many of each kind wait; kinds of which none waits are left out."""

    items: list[TodoCount]
