"""What waits for an answer: doubts about a record, a household offered to another area, a person known elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Text, text
from sqlmodel import Field

from services.monitoring.base import Table


class Finding(Table, table=True):
    """疑点: a doubt about the data of a household or person that a cadre works off."""

    __tablename__: ClassVar[Any] = "finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'corrected', 'explained')", "known_state"),
        Index(
            "uq_finding_open",
            "household_id",
            "person_id",
            "code",
            unique=True,
            postgresql_where=text("state = 'open'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "region", "state", "id"),
        Index("ix_finding_waiting", "region", "found_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = None
    code: str = Field(sa_type=Text)
    field: str = Field(sa_type=Text)
    message_zh: str = Field(sa_type=Text)
    message_en: str = Field(sa_type=Text)
    state: str = Field("open", sa_type=Text)
    explanation: str | None = Field(None, sa_type=Text)
    found_on: date
    settled_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)


class Transfer(Table, table=True):
    """迁移: a household offered by one area and accepted, or declined, by another.

    No ``region``, so no policy by area: both sides read it, each by a range of its own. What the receiver may know
    before it accepts stands here: the head's masked name and the number of members.
    """

    __tablename__: ClassVar[Any] = "transfer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", "known_state"),
        Index("uq_transfer_open", "household_id", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "from_region", "state", "id"),
        Index(None, "to_region", "state", "id"),
        Index("ix_transfer_waiting", "to_region", "effective_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    household_id: UUID
    household_version: int = Field(sa_type=BigInteger)
    from_region: int = Field(sa_type=BigInteger)
    to_region: int = Field(sa_type=BigInteger)
    effective_on: date
    head_name_masked: str | None = Field(None, sa_type=Text)
    member_count: int = Field(sa_type=SmallInteger)
    state: str = Field("open", sa_type=Text)
    reason: str = Field(sa_type=Text)
    answer: str | None = Field(None, sa_type=Text)
    answered_on: date | None = None
    accepted_region: int | None = Field(None, sa_type=BigInteger)
    version: int = Field(1, sa_type=BigInteger)


class ClashTask(Table, table=True):
    """A registration that met a person who already stands elsewhere; the county of that person looks into it."""

    __tablename__: ClassVar[Any] = "clash_task"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'kept', 'released')", "known_state"),
        Index(None, "region", "state", "id"),
        Index("ix_clash_task_waiting", "region", "found_on", "id", postgresql_where=text("state = 'open'")),
        Index(
            "uq_clash_task_open",
            "person_id",
            "claimed_region",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    person_id: UUID
    claimed_region: int = Field(sa_type=BigInteger)
    state: str = Field("open", sa_type=Text)
    found_on: date
    explanation: str | None = Field(None, sa_type=Text)
    settled_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)
