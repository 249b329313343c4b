"""What is amiss in registers: one table for all of them, since a finding is the same thing in each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table


class RegisterFinding(Table, table=True):
    """台账问题: a fact met the condition of a finding; it closes by itself once the condition no longer holds.

    ``duty`` is the department that owes it. It stood from ``found_on`` until before ``closed_on``.
    """

    __tablename__: ClassVar[Any] = "register_finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", "known_state"),
        CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", "closed_on_a_day"),
        Index("uq_register_finding_open", "fact_id", "code", unique=True, postgresql_where=text("state = 'open'")),
        Index(
            "uq_register_finding_guardianship",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'open' AND register_code = 'guardianship'"),
        ),
        Index(None, "state", "region", "id"),
        Index(None, "register_code", "state", "region", "id"),
        Index(None, "household_id"),
        Index("ix_register_finding_waiting", "duty", "found_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    register_code: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    duty: str = Field(sa_type=Text)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = None
    fact_id: UUID
    state: str = Field("open", sa_type=Text)
    found_on: date
    closed_on: date | None = None
    recorded_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    version: int = Field(1, sa_type=BigInteger)
