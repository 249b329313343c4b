"""Interviews that were held with households, each by a version of a form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Sealed
from services.monitoring.base import Table, recorded


class Interview(Table, table=True):
    """入户核查表: what a household said by one form, written by one person and countersigned by another.

    ``answers`` holds codes, amounts in 分 and days by field; what tells of health, and every text, lies encrypted in
    ``sealed_answers``. A field is ``question`` or ``question@person``. ``prefilled`` are the fields that an office knew
    and nobody had to ask about. ``present`` are the members who were there, ``others_present`` who else, encrypted.
    ``case_id`` names a case without a foreign key.
    """

    __tablename__: ClassVar[Any] = "interview"
    __table_args__ = (
        CheckConstraint("state IN ('recorded', 'countersigned', 'withdrawn')", "known_state"),
        CheckConstraint("mode IN ('home', 'telephone', 'video')", "known_mode"),
        CheckConstraint("(state = 'countersigned') <= (countersigned_by IS NOT NULL)", "countersigned_by_somebody"),
        CheckConstraint("countersigned_by <> recorded_by", "two_persons_sign"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", "withdrawn_at_a_time"),
        CheckConstraint("fields_prefilled BETWEEN 0 AND fields_total", "prefilled_within_total"),
        Index(None, "household_id", "id"),
        Index(None, "case_id", postgresql_where=text("case_id IS NOT NULL")),
        Index(None, "region", "form", "held_on"),
        Index("ix_interview_waiting", "region", "held_on", "id", postgresql_where=text("state = 'recorded'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    case_id: UUID | None = None
    form: str = Field(sa_type=Text)
    form_version: int = Field(sa_type=SmallInteger)
    held_on: date
    mode: str = Field(sa_type=Text)
    state: str = Field("recorded", sa_type=Text)
    present: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    others_present: bytes | None = Field(None, sa_type=Sealed)
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sealed_answers: bytes = Field(sa_type=Sealed)
    prefilled: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    fields_total: int = Field(sa_type=SmallInteger)
    fields_prefilled: int = Field(sa_type=SmallInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())
    countersigned_by: str | None = Field(None, sa_type=Text)
    countersigned_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    withdrawn_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    version: int = Field(1, sa_type=BigInteger)
