"""Every amount that a household got or had to pay, with its source, and what a correction replaced."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class IncomeLineRow(Table, table=True):
    """收支明细: one amount of a household; ``counts_on`` is the day that decides in which window it counts.

    ``source_event_id`` names the event of another service that brought it: it takes effect once.
    """

    __tablename__: ClassVar[Any] = "income_line"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", "amount_not_negative"),
        CheckConstraint("state IN ('active', 'withdrawn')", "known_state"),
        Index(None, "household_id", "counts_on", "id"),
        Index(None, "region", "counts_on"),
        Index(
            "uq_income_line_source_event",
            "source_event_id",
            unique=True,
            postgresql_where=text("source_event_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = Field(None, sa_column=Column(ForeignKey("person.id")))
    kind: str = Field(sa_type=Text)
    amount_fen: int = Field(sa_type=BigInteger)
    counts_on: date
    source: str = Field(sa_type=Text)
    source_event_id: UUID | None = None
    state: str = Field("active", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())


class IncomeLineHistory(Table, table=True):
    """States of a line that a correction replaced, each with who corrected it, why and when."""

    __tablename__: ClassVar[Any] = "income_line_history"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    replaced_at: datetime = Field(sa_column=recorded())
    replaced_by: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
