"""What clues take and show."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import Day, Model, Text
from services.monitoring.codes.monitoring import Risk


class ReportCreate(Model):
    """干部上报: what a cadre saw at a household."""

    id: UUID | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    household_id: UUID
    risk: Risk
    description: Text = Field(min_length=1, max_length=500)
    seen_on: Day | None = Field(None, description="Absent: today.")


class ReportRead(Model):
    """A report as it was received; the clue that it raised or joined shows it as a hit."""

    id: UUID
    household_id: UUID
    risk: Risk
    seen_on: Day
