"""Help given to households, as far as it was taken over; measures of our own follow with the cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table


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
    recorded_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
