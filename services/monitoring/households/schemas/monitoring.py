"""A household's monitoring as dated facts."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import AwareDatetime, Day, Model, RegionCode
from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, MonitoringType, Risk


class MonitoringFactRead(Model):
    """监测事实: what holds from a day on, and who said so."""

    number: int = Field(description="Counts the household's facts in the order in which they were recorded.")
    holds_from: Day
    monitoring_type: MonitoringType
    risks: list[Risk]
    disaster_kind: DisasterKind | None
    risk_note: str | None
    registered_on: Day
    eliminated_on: Day | None
    elimination_mode: EliminationMode | None
    ended_on: Day | None = Field(description="From when the household is monitored no longer.")
    ended_as: str | None = Field(
        description="`removed`: registered by mistake; `natural_end`: nobody was left; `merged`: it joined another."
    )
    source: str = Field(description="`national`: an export of the national system; `case`: a case of our own.")
    source_id: UUID = Field(description="Which export or case it was.")
    recorded_at: AwareDatetime


class HouseholdMonitoring(Model):
    """Every fact about a household's monitoring; bounded, since each is a change of its own."""

    household_id: UUID
    region: RegionCode
    facts: list[MonitoringFactRead]
