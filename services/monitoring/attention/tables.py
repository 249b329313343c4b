"""Marks of persons, checks of guardianship, carers of children: dated facts with their source."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table


def _recorded() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


class Attention(Table, table=True):
    """三留守与重点人群: why a person needs attention, between two days. Marks of health are for case roles only.

    ``ended_by`` is who let it end, ``end_reason`` why: the list that leaves the person out, or what people said.
    """

    __tablename__: ClassVar[Any] = "attention"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'withdrawn')", "known_state"),
        CheckConstraint("ends_on >= starts_on", "term_in_order"),
        Index(
            "uq_attention_open",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'active' AND ends_on IS NULL"),
        ),
        Index(None, "household_id"),
        Index(None, "region", "kind", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    starts_on: date
    ends_on: date | None = None
    source: str = Field(sa_type=Text)
    state: str = Field("active", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())
    ended_by: str | None = Field(None, sa_type=Text)
    ended_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    end_reason: str | None = Field(None, sa_type=Text)


class GuardianshipCheck(Table, table=True):
    """监护核查: who cares for a left-behind person, and whether that is enough, on a day; added to, never changed.

    ``visit_id`` names the visit whose form said so; amended or made void, it withdraws what it had said.
    """

    __tablename__: ClassVar[Any] = "guardianship_check"
    __table_args__ = (
        CheckConstraint("state IN ('recorded', 'withdrawn')", "known_state"),
        CheckConstraint("state = 'recorded' OR visit_id IS NOT NULL", "a_visit_withdraws"),
        Index(None, "person_id", "checked_on"),
        Index(None, "household_id"),
        Index(None, "region"),
        Index("ix_guardianship_check_visit", "visit_id", postgresql_where=text("visit_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    checked_on: date
    guardian: str | None = Field(None, sa_type=Text)
    is_adequate: bool
    note: str | None = Field(None, sa_type=Text)
    visit_id: UUID | None = Field(None, sa_column=Column(ForeignKey("visit.id")))
    state: str = Field("recorded", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())


class Carer(Table, table=True):
    """关爱人: one of a left-behind child's carers (5个1), between two days."""

    __tablename__: ClassVar[Any] = "carer"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", "term_in_order"),
        Index("uq_carer_open", "person_id", "kind", unique=True, postgresql_where=text("ends_on IS NULL")),
        Index(None, "household_id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    starts_on: date
    ends_on: date | None = None
    source: str = Field(sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())
