"""When a registered person worked where, as the employment service says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class WorkSpell(Table, table=True):
    """就业经历: one spell of work of a person; the id is the employment service's own.

    Its end may be heard of before its start. ``ended_on`` is the last day of work, None while it goes on.
    """

    __tablename__: ClassVar[Any] = "work_spell"
    __table_args__ = (
        CheckConstraint("started_on IS NOT NULL OR ended_on IS NOT NULL", "heard_of"),
        Index(None, "person_id", "started_on"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    person_id: UUID = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    place: int | None = Field(None, sa_type=BigInteger)
    started_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())
