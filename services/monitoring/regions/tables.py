"""Divisions by code and day, and how one followed another. Reference data: no policy hides a row from anybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, Text, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class DivisionRow(Table, table=True):
    """区划: what a code was called between two days, both included; ``valid_to`` None while it holds.

    ``version`` counts the changes of the code, over all its rows; a row keeps the one that last wrote it.
    """

    __tablename__: ClassVar[Any] = "division"
    __table_args__ = (
        CheckConstraint("code BETWEEN 110000000000 AND 999999999999", "twelve_digits"),
        CheckConstraint("valid_to >= valid_from", "period_in_order"),
        # GiST knows ranges without an extension, and a range of one point is equal to another where they overlap.
        ExcludeConstraint(
            (literal_column("numrange(code, code, '[]')"), "&&"),
            (literal_column("daterange(valid_from, valid_to, '[]')"), "&&"),
            name="ex_division_one_name_at_a_time",
            using="gist",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(None, "parent", "code", "valid_from"),
    )

    code: int = Field(sa_type=BigInteger, primary_key=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    name: str = Field(sa_type=Text)
    level: int = Field(sa_type=SmallInteger)
    kind: str = Field(sa_type=Text)
    parent: int | None = Field(None, sa_type=BigInteger)
    successor: int | None = Field(None, sa_type=BigInteger)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())


class SuccessionRow(Table, table=True):
    """区划变更: ``successor`` is what ``predecessor`` became on that day; a split has a row for each part."""

    __tablename__: ClassVar[Any] = "succession"
    __table_args__ = (
        CheckConstraint("kind IN ('renamed', 'recoded', 'merged', 'split')", "known_kind"),
        Index("uq_succession_part", "predecessor", "on_day", "successor", unique=True),
        Index(None, "successor", "on_day"),
    )

    id: UUID = Field(primary_key=True)
    predecessor: int = Field(sa_type=BigInteger)
    successor: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    on_day: date
    reason: str = Field(sa_type=Text)
