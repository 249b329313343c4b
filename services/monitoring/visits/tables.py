"""Visits, the duties that each met, and what is due next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.base import Table


def _recorded() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


class Visit(Table, table=True):
    """走访: one visit to a household. ``photo_file_id`` is there where the visitor chose to take a photo, ``source_id``
    names the export of the national system that a visit was taken over from.

    Nobody is asked for one, and there is no column for a position (clause X-33).
    """

    __tablename__: ClassVar[Any] = "visit"
    __table_args__ = (
        CheckConstraint("state IN ('recorded', 'voided')", "known_state"),
        CheckConstraint("(state = 'voided') = (void_reason IS NOT NULL)", "voided_has_a_reason"),
        Index(None, "household_id", "visited_on", "id"),
        Index(None, "region", "visited_on"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    visited_on: date
    way: str = Field(sa_type=Text)
    forms: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    findings: str | None = Field(None, sa_type=Text)
    next_on: date | None = None
    photo_file_id: UUID | None = None
    source_id: UUID | None = None
    state: str = Field("recorded", sa_type=Text)
    void_reason: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())


class VisitHistory(Table, table=True):
    """States of a visit that an amendment replaced, each with who amended it, why and when."""

    __tablename__: ClassVar[Any] = "visit_history"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    replaced_at: datetime = Field(sa_column=_recorded())
    replaced_by: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class VisitMet(Table, table=True):
    """A duty that a visit met. ``subject_id`` is the member whom the duty is about, or the household."""

    __tablename__: ClassVar[Any] = "visit_met"
    __table_args__ = (Index(None, "subject_id", "reason", "visited_on"), Index(None, "region"))

    visit_id: UUID = Field(sa_column=Column(ForeignKey("visit.id"), primary_key=True))
    subject_id: UUID = Field(primary_key=True)
    reason: str = Field(sa_type=Text, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    visited_on: date
    due_on: date


class VisitDue(Table, table=True):
    """The next visit that a duty wants: one row for each duty that stands, brought up to date by visits and by day.

    ``begins_on`` is since when the duty counts: the day of the take-over where the case was taken over, the night that
    heard of a class of low income. ``meets_from`` is since when a visit meets it, if that is earlier. Without
    ``last_visited_on`` nobody has come.
    """

    __tablename__: ClassVar[Any] = "visit_due"
    __table_args__ = (
        Index(None, "region", "due_on", "household_id"),
        Index(None, "due_on", "household_id", "reason", "subject_id"),
    )

    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), primary_key=True))
    reason: str = Field(sa_type=Text, primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    person_id: UUID | None = None
    meets_from: date | None = None
    begins_on: date
    last_visited_on: date | None = None
    due_on: date
    form: str = Field(sa_type=Text)
    rhythm: str = Field(sa_type=Text)
