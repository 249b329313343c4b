"""Help given to households: what the national system says was given, and what is recorded here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class ImportedMeasure(Table, table=True):
    """帮扶措施: one measure of a household as the national system knows it.

    One of a kind and first day is in force; when a later export says something else of it, what it said before is kept
    as replaced. ``source_id`` is the export that brought it.
    """

    __tablename__: ClassVar[Any] = "imported_measure"
    __table_args__ = (
        CheckConstraint("state IN ('in_force', 'replaced')", "known_state"),
        CheckConstraint("amount_fen >= 0", "amount_not_negative"),
        Index(
            "uq_imported_measure_in_force",
            "household_id",
            "kind",
            "started_on",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
        Index(None, "region", "kind", postgresql_where=text("state = 'in_force'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    started_on: date
    ended_on: date | None = None
    amount_fen: int | None = Field(None, sa_type=BigInteger)
    state: str = Field("in_force", sa_type=Text)
    source_id: UUID
    recorded_at: datetime = Field(sa_column=recorded())


class Measure(Table, table=True):
    """帮扶措施: help that a household gets, recorded here.

    ``risks`` are those that it answers. ``timing`` says whether the household was hit or registered on the first day.
    ``case_id`` is the case that it belongs to, ``funding_id`` what the funds service pays it from, ``terms`` what its
    scheme asks beside the rest.
    """

    __tablename__: ClassVar[Any] = "measure"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'ended', 'withdrawn')", "known_state"),
        CheckConstraint("timing IN ('preventive', 'after_event')", "known_timing"),
        CheckConstraint("amount_fen >= 0", "amount_not_negative"),
        CheckConstraint("ended_on >= started_on", "ends_after_it_starts"),
        CheckConstraint("state <> 'ended' OR num_nulls(ended_on, end_reason) = 0", "end_has_day_and_reason"),
        Index(None, "household_id", "started_on", "id"),
        Index(None, "person_id", postgresql_where=text("person_id IS NOT NULL")),
        Index(None, "case_id", postgresql_where=text("case_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = Field(None, sa_column=Column(ForeignKey("person.id")))
    case_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    scheme: str | None = Field(None, sa_type=Text)
    terms: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    risks: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    timing: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    started_on: date
    planned_end_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = Field(None, sa_type=Text)
    end_note: str | None = Field(None, sa_type=Text)
    amount_fen: int | None = Field(None, sa_type=BigInteger)
    funding_id: UUID | None = None
    evidence_file_id: UUID | None = None
    source: str = Field(sa_type=Text)
    state: str = Field("running", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())


class MeasureHistory(Table, table=True):
    """States of a measure that a change replaced, each with who changed it, why and when."""

    __tablename__: ClassVar[Any] = "measure_history"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    replaced_at: datetime = Field(sa_column=recorded())
    replaced_by: str = Field(sa_type=Text)
    reason: str | None = Field(None, sa_type=Text)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
