"""Households as they are now and as they were before, and what holds of their monitoring."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Sealed
from services.monitoring.base import Table, recorded

GONE_SQL = "state IN ('dissolved', 'moved_out')"
"""The condition that a household meets of which nobody is left here; one that was merged goes on in another."""


def put_right_by(later: str, fact: str) -> str:
    """SQL: a ``later`` fact of monitoring puts right what ``fact`` says of its registration.

    It does if it is about the same registration, or about one that began while that of ``fact`` had not ended: else
    the household came back, and the earlier registration stays as it was.
    """
    return (
        f"({later}.registered_on = {fact}.registered_on "
        f"OR {later}.registered_on < least({fact}.eliminated_on, {fact}.ended_on, 'infinity'))"
    )


class Household(Table, table=True):
    """户: one household by registration, allowing for where it really lives and shares its income.

    ``region`` is where it is managed (its residence, if that differs); lists, areas and dispatch go by it.

    :ivar ended_monitoring: what the register said of it until its registration ended naturally (自然减少): type, risks,
        ``registered_on`` and ``ended_on``. It is counted as ended, also after the household came back.
    """

    __tablename__: ClassVar[Any] = "household"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'dissolved', 'merged', 'moved_out')", "known_state"),
        CheckConstraint("monitoring_type IS NULL OR monitoring_type IN ('1', '2', '3')", "known_type"),
        CheckConstraint("member_count >= 0", "members_not_negative"),
        Index(None, "region", "id"),
        Index(None, "region", "monitoring_type", "id"),
        Index("ix_household_ended_monitoring", "region", postgresql_where=text("ended_monitoring IS NOT NULL")),
        Index("ix_household_gone", "region", "valid_from", "id", postgresql_where=text(GONE_SQL)),
        # Block by block: whether anything was written since an instant is seen without reading a county.
        Index(
            "ix_household_recorded_at",
            "recorded_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": True},
        ),
        Index("uq_household_national_no", "national_no", unique=True, postgresql_where=text("national_no IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    registration_region: int = Field(sa_type=BigInteger)
    national_no: str | None = Field(None, sa_type=Text)
    address: str | None = Field(None, sa_type=Text)
    contact_phone: bytes | None = Field(None, sa_type=Sealed)
    bank_account: bytes | None = Field(None, sa_type=Sealed)
    is_lifted: bool = False
    lifted_year: int | None = Field(None, sa_type=SmallInteger)
    is_resettled: bool = False
    monitoring_type: str | None = Field(None, sa_type=Text)
    risks: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    registered_on: date | None = None
    eliminated_on: date | None = None
    elimination_mode: str | None = Field(None, sa_type=Text)
    ended_monitoring: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    land_mu_hundredths: int | None = Field(None, sa_type=BigInteger)
    member_count: int = Field(0, sa_type=SmallInteger)
    state: str = Field("active", sa_type=Text)
    successor_id: UUID | None = None
    origin: str = Field("registered", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    valid_from: date
    recorded_at: datetime = Field(sa_column=recorded())


class HouseholdHistory(Table, table=True):
    """States that a household left, each with the days for which it held and when it was recorded and replaced."""

    __tablename__: ClassVar[Any] = "household_history"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    valid_from: date
    valid_to: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    replaced_at: datetime = Field(sa_column=recorded())
    contact_phone: bytes | None = Field(None, sa_column=Column(Sealed(table="household")))
    bank_account: bytes | None = Field(None, sa_column=Column(Sealed(table="household")))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class MonitoringFact(Table, table=True):
    """监测事实: what holds of a household's monitoring from a day on; added to, never changed, and never moved.

    ``number`` counts a household's facts in the order in which they were recorded; the highest one's state is what the
    household's own row shows. ``source`` tells where it comes from, ``source_id`` which export or case it was.
    A case that was wrong, or that ended with its household, ends the monitoring, and the household shows nothing of it
    any more.

    A household that moves leaves its facts behind and is known by copies of them where it comes to: so a division can
    be asked for ever what it knew at an instant.

    :ivar basis: by what the registration was decided (clause B5); None where another system decided it.
    :ivar known_since: since when its division knows it; ``recorded_at`` is when the registry was told.
    """

    __tablename__: ClassVar[Any] = "monitoring_fact"
    __table_args__ = (
        CheckConstraint("monitoring_type IN ('1', '2', '3')", "known_type"),
        CheckConstraint("source IN ('national', 'case')", "known_source"),
        CheckConstraint("ended_as IN ('removed', 'natural_end', 'merged')", "known_end"),
        CheckConstraint("(ended_as IS NULL) = (ended_on IS NULL)", "end_has_a_day"),
        Index(None, "region"),
    )

    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), primary_key=True))
    number: int = Field(sa_type=SmallInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger, primary_key=True)
    holds_from: date
    monitoring_type: str = Field(sa_type=Text)
    risks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    disaster_kind: str | None = Field(None, sa_type=Text)
    risk_note: str | None = Field(None, sa_type=Text)
    registered_on: date
    eliminated_on: date | None = None
    elimination_mode: str | None = Field(None, sa_type=Text)
    ended_on: date | None = None
    ended_as: str | None = Field(None, sa_type=Text)
    basis: str | None = Field(None, sa_type=Text)
    source: str = Field(sa_type=Text)
    source_id: UUID
    recorded_at: datetime = Field(sa_column=recorded())
    known_since: datetime = Field(sa_column=recorded())
