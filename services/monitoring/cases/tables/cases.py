"""Cases, and each step of their history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.base import Table
from services.monitoring.cases.rules.states import ENDED
from services.monitoring.codes.cases import CaseState


def listed(states: Any) -> str:
    """States as a list in SQL, in the order of the code list."""
    return ", ".join(f"'{state.value}'" for state in CaseState if state in states)


def recorded() -> Column[datetime]:
    """When the database was told, for rows that are only added."""
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


def of_case() -> Any:
    """The case that a row is about."""
    return Column(ForeignKey("monitoring_case.id"), nullable=False)


OPEN_SQL = f"state NOT IN ({listed(ENDED)})"
"""The condition that an open case meets, as the index that allows one of them per household has it."""


class MonitoringCase(Table, table=True):
    """个案: one household on its way from a clue to the register, through help, and out of risk.

    Its dues run from ``day_0``, its first clue's day. ``plan`` is the area's plan of that day with its source, and
    ``dues`` the day until which each of its steps is in time; both stay when the area's plan changes. ``step``,
    ``holder`` and ``due_on`` say what it waits for; on the way out there is no step of a plan, and its state says what
    comes next. ``returned_to`` is the state that a return names. What the register
    says (type, basis, line, risks) stands here once it is registered, by the line of the decision's day.

    :ivar origin: ``clue``; ``migrated`` for cases that are taken over, which have neither plan nor dues.
    :ivar compared_on: when the comparison was done, also where that runs beside another step.
    :ivar merged_into: the case that goes on for its people, where a merger of households ended it.
    :ivar urgent: 绿色通道: help may begin before the register.
    :ivar elimination_mode: as proposed, and as decided once ``eliminated_on`` is there; ``elimination_reason`` is the
        county's for 自然消除, ``elimination`` the figures by which it was decided. ``elimination_comparison_days``: how
        long departments have, by the area's number of the day of the proposal; 0: they are not asked again.
    """

    __tablename__: ClassVar[Any] = "monitoring_case"
    __table_args__ = (
        CheckConstraint(f"state IN ({listed(CaseState)})", "known_state"),
        CheckConstraint("origin IN ('clue', 'migrated')", "known_origin"),
        CheckConstraint("(due_on IS NULL) = (holder IS NULL) AND (step IS NULL OR due_on IS NOT NULL)", "waits_whole"),
        CheckConstraint("state NOT IN ('returned_t', 'returned_c') OR returned_to IS NOT NULL", "return_names_a_state"),
        CheckConstraint("monitoring_type IS NULL OR registered_on IS NOT NULL", "type_is_registered"),
        CheckConstraint("merged_into IS NULL OR state = 'natural_end'", "merged_has_ended"),
        Index("uq_monitoring_case_open", "household_id", unique=True, postgresql_where=text(OPEN_SQL)),
        Index(None, "household_id", "id"),
        Index(None, "region", "state", "id"),
        Index("ix_monitoring_case_waiting", "region", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")),
        Index("ix_monitoring_case_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(
            "ix_monitoring_case_to_help", "region", "registered_on", "id", postgresql_where=text("state = 'registered'")
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    state: str = Field(sa_type=Text)
    origin: str = Field("clue", sa_type=Text)
    day_0: date
    previous_case_id: UUID | None = None
    urgent: bool = False
    plan: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    plan_source: str | None = Field(None, sa_type=Text)
    dues: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    step: str | None = Field(None, sa_type=Text)
    holder: str | None = Field(None, sa_type=Text)
    due_on: date | None = None
    returned_to: str | None = Field(None, sa_type=Text)
    step_count: int = Field(0, sa_type=SmallInteger)
    compared_on: date | None = None
    shock_verified: bool = False
    risks: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )
    disaster_kind: str | None = Field(None, sa_type=Text)
    risk_note: str | None = Field(None, sa_type=Text)
    registered_on: date | None = None
    monitoring_type: str | None = Field(None, sa_type=Text)
    basis: str | None = Field(None, sa_type=Text)
    line_fen: int | None = Field(None, sa_type=BigInteger)
    classification: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    help_person: str | None = Field(None, sa_type=Text)
    helped_from: date | None = None
    eliminated_on: date | None = None
    elimination_mode: str | None = Field(None, sa_type=Text)
    elimination_reason: str | None = Field(None, sa_type=Text)
    elimination_comparison_days: int | None = Field(None, sa_type=SmallInteger)
    elimination_compared_on: date | None = None
    elimination: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    ended_on: date | None = None
    merged_into: UUID | None = None
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())


class CaseStep(Table, table=True):
    """个案经过: what was done with a case, by whom and when; added to, never changed.

    ``on_day`` is the day on which it happened, ``taken_at`` the instant of business time at which it was entered,
    ``recorded_at`` that of the database, by which figures of the past are asked again. ``details`` names what
    belongs to it: a meeting, a list, a clue, the state that a return names.
    """

    __tablename__: ClassVar[Any] = "case_step"
    __table_args__ = (
        Index(None, "region"),
        # What a village was sent on a day.
        Index("ix_case_step_sent", "region", "on_day", postgresql_where=text("action = 'dispatch'")),
        # Which case a household was in whose people founded one of their own.
        Index(
            "ix_case_step_split_off",
            text("(details ->> 'split_off')"),
            postgresql_where=text("action = 'change_household'"),
        ),
    )

    case_id: UUID = Field(sa_column=Column(ForeignKey("monitoring_case.id"), primary_key=True))
    number: int = Field(sa_type=SmallInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    action: str = Field(sa_type=Text)
    from_state: str | None = Field(None, sa_type=Text)
    to_state: str = Field(sa_type=Text)
    on_day: date
    subject: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    reason: str | None = Field(None, sa_type=Text)
    note: str | None = Field(None, sa_type=Text)
    details: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    taken_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_at: datetime = Field(sa_column=recorded())
