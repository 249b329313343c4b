"""Clues and the hits that they hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import IndexedText, Sealed
from services.monitoring.base import Table
from services.monitoring.notices import Notice, notice_rules


class Clue(Table, table=True):
    """线索: a reason to look at a household; one is open per household, and further hits join it.

    Severity 3 is H, 2 M, 1 L; it is the highest of its hits, its due the earliest (clause B11). A clue of a first load
    of history has no due.
    """

    __tablename__: ClassVar[Any] = "clue"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'in_case', 'dismissed', 'withdrawn')", "known_state"),
        CheckConstraint("severity BETWEEN 1 AND 3", "known_severity"),
        CheckConstraint("(state = 'dismissed') = (dismissed_reason IS NOT NULL)", "dismissal_has_a_reason"),
        Index("uq_clue_open", "household_id", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "state", "region"),
        # A county's to-dos: the open ones in the order of their dues, those without a clock last.
        Index(
            "ix_clue_waiting",
            text("(region / 1000000)"),
            text("COALESCE(timezone('Asia/Shanghai', due_at)::date, '9999-12-31'::date)"),
            "id",
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "household_id", "id"),
        Index("ix_clue_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
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

    A fact is a rule, its subject and a calendar year; it stands once. ``fact_value`` is the amount that the rule looked
    at, by which a dismissed fact stays silent until it has grown. ``source_records`` are all departments' rows behind
    the inputs, ``source_dataset``, ``source_batch`` and ``source_row`` name the first. ``due_at`` is None for a first
    load of history. It is found by its fact or by its clue. No index is led by the region: by way of the policy that
    would be open to every look-up, and where statistics are missing be walked from end to end.
    """

    __tablename__: ClassVar[Any] = "hit"
    __table_args__ = (
        CheckConstraint("kind IN ('rule', 'cadre_report', 'self_report')", "known_kind"),
        CheckConstraint("state IN ('standing', 'withdrawn', 'dismissed')", "known_state"),
        CheckConstraint("severity BETWEEN 1 AND 3", "known_severity"),
        CheckConstraint("(kind = 'rule') = (fact_key IS NOT NULL)", "rules_have_facts"),
        Index("uq_hit_fact", "fact_key", unique=True, postgresql_where=text("kind = 'rule' AND state = 'standing'")),
        Index(None, "clue_id", "id"),
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
    due_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    description: str | None = Field(None, sa_type=Text)
    rule_id: str | None = Field(None, sa_type=Text)
    rule_version: int | None = Field(None, sa_type=SmallInteger)
    run_id: UUID | None = None
    fact_key: str | None = Field(None, sa_type=Text)
    fact_year: int | None = Field(None, sa_type=SmallInteger)
    fact_value: int | None = Field(None, sa_type=BigInteger)
    inputs: dict[str, Any] | None = Field(None, sa_column=Column(JSONB))
    thresholds: dict[str, Any] | None = Field(None, sa_column=Column(JSONB))
    source_records: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default=text("'{}'"))
    )
    source_dataset: str | None = Field(None, sa_type=Text)
    source_batch: UUID | None = None
    source_row: int | None = Field(None, sa_type=BigInteger)


class ClueNotice(Notice, table=True):
    """告知: how the household of a dismissed clue was told so, since it had reported itself (clause B8)."""

    __tablename__: ClassVar[Any] = "clue_notice"
    __table_args__ = notice_rules("clue_id")

    clue_id: UUID = Field(sa_column=Column(ForeignKey("clue.id"), nullable=False))


class Silence(Table, table=True):
    """静默: a dismissed fact and until when it stays silent: a day, or the amount to which it must have grown."""

    __tablename__: ClassVar[Any] = "fact_silence"
    __table_args__ = (Index(None, "region", "silent_until"),)

    fact_key: str = Field(sa_type=Text, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID
    hit_id: UUID
    dismissed_on: date
    dismissed_value: int | None = Field(None, sa_type=BigInteger)
    silent_until: date
    speaks_at: int | None = Field(None, sa_type=BigInteger)


class SelfReport(Table, table=True):
    """一键申报: what somebody told of themselves without signing in; it waits until a household is found for it.

    ``region`` is the division that the reporter named, or that it was handed on to, by ``handed_from``. Name, number,
    phone and words lie here encrypted; the receipt is kept as a keyed digest, so that only who holds it can ask for
    the state.
    """

    __tablename__: ClassVar[Any] = "self_report"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'matched', 'not_ours')", "known_state"),
        CheckConstraint("(state = 'matched') = (hit_id IS NOT NULL)", "matched_has_a_hit"),
        CheckConstraint("state <> 'not_ours' OR outcome_note IS NOT NULL", "refusal_has_a_note"),
        CheckConstraint("refusal_reason IS NULL OR state = 'not_ours'", "reason_of_a_refusal"),
        Index("uq_self_report_receipt", "receipt_digest", unique=True),
        Index(None, "region", "state", "id"),
        Index("ix_self_report_waiting", "region", "received_on", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_self_report_hit_id", "hit_id", postgresql_where=text("hit_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    channel: str = Field(sa_type=Text)
    state: str = Field("waiting", sa_type=Text)
    name: bytes = Field(sa_type=Sealed)
    identity_number: bytes | None = Field(None, sa_type=Sealed)
    phone: bytes | None = Field(None, sa_type=Sealed)
    description: bytes = Field(sa_type=Sealed)
    receipt_digest: str = Field(sa_type=IndexedText)
    hit_id: UUID | None = None
    refusal_reason: str | None = Field(None, sa_type=Text)
    outcome_note: str | None = Field(None, sa_type=Text)
    decided_on: date | None = None
    decided_by: str | None = Field(None, sa_type=Text)
    handed_from: int | None = Field(None, sa_type=BigInteger)
    received_on: date
    received_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    )
    version: int = Field(1, sa_type=BigInteger)


class SelfReportTally(Table, table=True):
    """How many self-reports one address or one phone has sent in a window of time; the key is a keyed digest."""

    __tablename__: ClassVar[Any] = "self_report_tally"
    __table_args__ = (Index(None, "expires_at"),)

    key: str = Field(sa_type=IndexedText, primary_key=True)
    count: int = Field(sa_type=BigInteger)
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
