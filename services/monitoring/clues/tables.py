"""Clues and the hits that they hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.base import Table


class Clue(Table, table=True):
    """线索: a reason to look at a household; one is open per household, and further hits join it.

    Severity 3 is H, 2 M, 1 L; it is the highest of its hits, its due the earliest (domain B11). A clue of a first load
    of history has no due.
    """

    __tablename__: ClassVar[Any] = "clue"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'in_case', 'dismissed', 'withdrawn')", "known_state"),
        CheckConstraint("severity BETWEEN 1 AND 3", "known_severity"),
        CheckConstraint("(state = 'dismissed') = (dismissed_reason IS NOT NULL)", "dismissal_has_a_reason"),
        Index("uq_clue_open", "household_id", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "region", "state", "due_at", "id"),
        Index(None, "household_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    state: str = Field("open", sa_type=Text)
    severity: int = Field(sa_type=SmallInteger)
    raised_on: date
    due_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    hit_count: int = Field(1, sa_type=SmallInteger)
    case_id: UUID | None = None
    dismissed_reason: str | None = Field(None, sa_type=Text)
    dismissed_note: str | None = Field(None, sa_type=Text)
    judged_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    version: int = Field(1, sa_type=BigInteger)


class Hit(Table, table=True):
    """命中: one rule that fired, or one report, with everything that explains it.

    ``source_batch`` and ``source_row`` name the department's row; ``fact_value`` is the amount that the rule looked at,
    by which a dismissed fact stays silent until it has grown.
    """

    __tablename__: ClassVar[Any] = "hit"
    __table_args__ = (
        CheckConstraint("kind IN ('rule', 'cadre_report', 'self_report')", "known_kind"),
        CheckConstraint("state IN ('standing', 'withdrawn')", "known_state"),
        CheckConstraint("severity BETWEEN 1 AND 3", "known_severity"),
        Index("uq_hit_fact", "fact_key", "run_id", unique=True, postgresql_where=text("kind = 'rule'")),
        Index(None, "clue_id", "id"),
        Index(None, "source_batch", "source_row"),
        Index(None, "region", "rule_id", "id"),
        Index(None, "fact_key"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    clue_id: UUID = Field(sa_column=Column(ForeignKey("clue.id"), nullable=False))
    household_id: UUID
    person_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    state: str = Field("standing", sa_type=Text)
    channel: str = Field(sa_type=Text)
    severity: int = Field(sa_type=SmallInteger)
    hit_on: date
    description: str | None = Field(None, sa_type=Text)
    rule_id: str | None = Field(None, sa_type=Text)
    rule_version: int | None = Field(None, sa_type=SmallInteger)
    run_id: UUID | None = None
    fact_key: str | None = Field(None, sa_type=Text)
    fact_value: int | None = Field(None, sa_type=BigInteger)
    inputs: dict[str, Any] | None = Field(None, sa_column=Column(JSONB))
    thresholds: dict[str, Any] | None = Field(None, sa_column=Column(JSONB))
    source_dataset: str | None = Field(None, sa_type=Text)
    source_batch: UUID | None = None
    source_row: int | None = Field(None, sa_type=BigInteger)
    receipt_digest: str | None = Field(None, sa_type=Text)
