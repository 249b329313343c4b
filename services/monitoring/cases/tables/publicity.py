"""What hung in the village, and what was objected to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Text, text
from sqlmodel import Field

from services.monitoring.base import Table
from services.monitoring.cases.tables.cases import of_case, recorded


class PublicList(Table, table=True):
    """公示名单: what hangs in one village. A changed list is another one, shown anew from its own first day.

    :ivar days: whole days for which it must be shown, as the area said when it was put up.
    """

    __tablename__: ClassVar[Any] = "public_list"
    __table_args__ = (
        CheckConstraint("purpose IN ('entry', 'elimination')", "known_purpose"),
        CheckConstraint("state IN ('shown', 'over', 'replaced')", "known_state"),
        Index(None, "region", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    purpose: str = Field("entry", sa_type=Text)
    state: str = Field("shown", sa_type=Text)
    shown_from: date
    days: int = Field(sa_type=SmallInteger)
    place: str | None = Field(None, sa_type=Text)
    replaces_id: UUID | None = None
    reason: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())


class PublicListLine(Table, table=True):
    """公示名单上的一户: one case on a list for some days; interrupted by an objection, it may hang there once more.

    :ivar until: the day on which it came down; None while it hangs. ``counts``: whether its days count: those of a
        list that was changed do not, nor do those before an objection that was upheld. ``purpose`` and ``days`` are the
        list's, which whoever has the case after a move to another county cannot read.
    """

    __tablename__: ClassVar[Any] = "public_list_line"
    __table_args__ = (
        Index("uq_public_list_line_hanging", "case_id", unique=True, postgresql_where=text("until IS NULL")),
        Index(None, "list_id"),
        Index(None, "case_id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    list_id: UUID = Field(sa_column=Column(ForeignKey("public_list.id"), nullable=False))
    case_id: UUID = Field(sa_column=of_case())
    purpose: str = Field(sa_type=Text)
    days: int = Field(sa_type=SmallInteger)
    since: date
    until: date | None = None
    counts: bool = True


class CaseObjection(Table, table=True):
    """公示异议: what somebody of the village said against a case on the list, and what came of it."""

    __tablename__: ClassVar[Any] = "case_objection"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", "known_state"),
        CheckConstraint("(state = 'open') = (settled_by IS NULL)", "settled_by_somebody"),
        Index("uq_case_objection_open", "case_id", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "case_id", "id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    case_id: UUID = Field(sa_column=of_case())
    list_id: UUID = Field(sa_column=Column(ForeignKey("public_list.id"), nullable=False))
    received_on: date
    words: str = Field(sa_type=Text)
    state: str = Field("open", sa_type=Text)
    finding: str | None = Field(None, sa_type=Text)
    settled_on: date | None = None
    settled_by: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())
