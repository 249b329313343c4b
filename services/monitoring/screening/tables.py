"""Versions of clue rules, their trials over past data, and runs of the screening."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.base import Table


def _instant(*, nullable: bool = False) -> Column[datetime]:
    default = None if nullable else text("clock_timestamp()")
    return Column(DateTime(timezone=True), nullable=nullable, server_default=default)


def _texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False)


def _document() -> Column[Any]:
    return Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))


class RuleVersion(Table, table=True):
    """预警规则: one version of a clue rule (clause B11). What was once activated is never changed, only retired.

    ``scope`` is the division it holds for, 0 for the nation; not named region, since a county reads what its province
    and the nation set. In a county the active version of the closest division counts.
    With ``policy`` it is an entitlement policy: its condition says to whom a benefit is due, and it raises no clue.
    """

    __tablename__: ClassVar[Any] = "rule_version"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'active', 'retired')", "known_state"),
        CheckConstraint("grain IN ('record', 'person', 'household')", "known_grain"),
        CheckConstraint("subject IN ('record', 'person', 'household')", "known_subject"),
        CheckConstraint("severity IN ('H', 'M', 'L')", "known_severity"),
        CheckConstraint("version >= 1", "version_from_one"),
        CheckConstraint("activated_by <> drafted_by", "two_persons"),
        CheckConstraint("retired_by <> retirement_asked_by", "two_persons_retire"),
        CheckConstraint("(growing_column IS NULL) = (growing_threshold IS NULL)", "growing_is_whole"),
        CheckConstraint(
            "state = 'draft' OR (activated_by IS NOT NULL AND effective_from IS NOT NULL)", "was_activated"
        ),
        CheckConstraint("scope = 0 OR scope BETWEEN 100000000000 AND 999999999999", "scope_is_a_division"),
        Index("uq_rule_version_active", "rule_id", "scope", unique=True, postgresql_where=text("state = 'active'")),
    )

    rule_id: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(sa_type=SmallInteger, primary_key=True)
    id: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    scope: int = Field(0, sa_type=BigInteger)
    grain: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    expression: str = Field(sa_type=Text)
    parameters: list[str] = Field(default_factory=list, sa_column=_texts())
    departments: list[str] = Field(default_factory=list, sa_column=_texts())
    datasets: list[str] = Field(default_factory=list, sa_column=_texts())
    label: dict[str, str] = Field(sa_column=_document())
    clause: dict[str, str] = Field(sa_column=_document())
    notes: dict[str, str] = Field(sa_column=_document())
    document: str = Field("", sa_type=Text)
    source: str = Field("", sa_type=Text)
    growing_column: str | None = Field(None, sa_type=Text)
    growing_threshold: str | None = Field(None, sa_type=Text)
    state: str = Field("draft", sa_type=Text)
    effective_from: date | None = None
    effective_to: date | None = None
    drafted_by: str = Field(sa_type=Text)
    drafted_at: datetime = Field(sa_column=_instant())
    tried_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    activated_by: str | None = Field(None, sa_type=Text)
    activated_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    retirement_asked_by: str | None = Field(None, sa_type=Text)
    retired_by: str | None = Field(None, sa_type=Text)
    revision: int = Field(1, sa_type=BigInteger)
    policy: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))


class RuleTrial(Table, table=True):
    """试运行: a draft run over the data of a county as they are, and compared with the version in force."""

    __tablename__: ClassVar[Any] = "rule_trial"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'succeeded', 'failed')", "known_state"),
        Index(None, "region", "rule_id", "rule_version", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    rule_id: str = Field(sa_type=Text)
    rule_version: int = Field(sa_type=SmallInteger)
    revision: int = Field(sa_type=BigInteger)
    compared_version: int | None = Field(None, sa_type=SmallInteger)
    as_of: date
    state: str = Field("waiting", sa_type=Text)
    counts: dict[str, int] = Field(default_factory=dict, sa_column=_document())
    job_id: UUID | None = None
    requested_by: str = Field(sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)


class TrialHit(Table, table=True):
    """Whom a trial would hit: ``added`` by the draft, ``gone`` with it, or the ``same``."""

    __tablename__: ClassVar[Any] = "rule_trial_hit"
    __table_args__ = (CheckConstraint("difference IN ('added', 'gone', 'same')", "known_difference"),)

    trial_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("rule_trial.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    number: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    difference: str = Field(sa_type=Text)
    household_id: UUID
    person_id: UUID | None = None
    record_id: UUID | None = None
    inputs: dict[str, Any] = Field(sa_column=_document())


class ScreeningRun(Table, table=True):
    """筛查: every rule in force over one county's data on one day. One waits and one runs in a county at a time.

    ``rules`` keeps what it ran with: version, severity and the numbers bound, by rule. A history run raises clues
    without a due.
    """

    __tablename__: ClassVar[Any] = "screening_run"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'succeeded', 'failed')", "known_state"),
        CheckConstraint("cause IN ('batch', 'schedule', 'officer', 'history')", "known_cause"),
        CheckConstraint("(state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)", "final_has_end"),
        Index(
            "uq_screening_run_waiting", "region", "is_history", unique=True, postgresql_where=text("state = 'waiting'")
        ),
        Index(None, "region", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    as_of: date
    cause: str = Field(sa_type=Text)
    is_history: bool = False
    state: str = Field("waiting", sa_type=Text)
    rules: dict[str, Any] = Field(default_factory=dict, sa_column=_document())
    counts: dict[str, int] = Field(default_factory=dict, sa_column=_document())
    error_code: str | None = Field(None, sa_type=Text)
    job_id: UUID
    requested_by: str = Field(sa_type=Text)
    requested_at: datetime = Field(sa_column=_instant())
    started_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    finished_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    version: int = Field(1, sa_type=BigInteger)
