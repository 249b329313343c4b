"""放假通知: what a year's notice says about single days."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.database.metadata import kernel

holiday_notice = Table(
    "holiday_notice",
    kernel,
    Column("id", Uuid, primary_key=True),
    # Not named region: every division below reads it, so no policy by area hides it.
    Column("scope", BigInteger, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("scope", "year", "whole"),
    CheckConstraint("year BETWEEN 2004 AND 2200", "year_in_reach"),
)
"""``whole``: it arranges the whole year, as the State Council's does; else it only adds local days."""

holiday = Table(
    "holiday",
    kernel,
    Column("notice_id", Uuid, ForeignKey("holiday_notice.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Index(None, "day"),
)
"""A day that differs from its weekday: off, or a Saturday or Sunday worked in exchange (调休)."""
