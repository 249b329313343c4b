"""Helpers and the households that they are paired with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, literal_column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class Helper(Table, table=True):
    """帮扶责任人: an officer, a named person from outside or a unit.

    ``scope`` is the division that answers for the helper, not named region: a village reads who its county sent.
    """

    __tablename__: ClassVar[Any] = "helper"
    __table_args__ = (
        CheckConstraint("kind IN ('officer', 'person', 'unit')", "known_kind"),
        CheckConstraint("(kind = 'officer') = (officer_id IS NOT NULL)", "officer_is_named"),
        Index("uq_helper_officer", "officer_id", unique=True, postgresql_where=text("officer_id IS NOT NULL")),
        Index(None, "scope", "id"),
    )

    id: UUID = Field(primary_key=True)
    scope: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    officer_id: UUID | None = Field(None, sa_column=Column(ForeignKey("officer.id")))
    name: str = Field(sa_type=Text)
    unit_name: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())


class Pairing(Table, table=True):
    """结对: one helper of a household between two days; at any time one of them is the main one."""

    __tablename__: ClassVar[Any] = "pairing"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'cancelled')", "known_state"),
        CheckConstraint("state = 'cancelled' OR ends_on >= starts_on", "term_in_order"),
        # GiST knows ranges without an extension, and a range of one point is equal to another where they overlap.
        ExcludeConstraint(
            (
                literal_column(
                    "numrange(uuid_hash_extended(household_id, 0)::numeric,"
                    " uuid_hash_extended(household_id, 0)::numeric, '[]')"
                ),
                "&&",
            ),
            (literal_column("daterange(starts_on, ends_on, '[]')"), "&&"),
            name="ex_pairing_one_main_at_a_time",
            using="gist",
            where=text("is_main AND state = 'active'"),
        ),
        Index(None, "household_id", "starts_on"),
        Index(None, "helper_id", "household_id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    helper_id: UUID = Field(sa_column=Column(ForeignKey("helper.id"), nullable=False))
    is_main: bool
    starts_on: date
    ends_on: date | None = None
    source: str = Field(sa_type=Text)
    state: str = Field("active", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())
