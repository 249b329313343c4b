"""Cases, each step of their history, what was verified, voted on, shown in the village and objected to.

Rows about one case follow its household when that is managed elsewhere; a meeting and a public list belong to their
village, and follow once all of their cases have.
"""

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


def _listed(states: Any) -> str:
    return ", ".join(f"'{state.value}'" for state in CaseState if state in states)


def _recorded() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


def _of_case() -> Any:
    return Column(ForeignKey("monitoring_case.id"), nullable=False)


OPEN_SQL = f"state NOT IN ({_listed(ENDED)})"
"""The condition that an open case meets, as the index that allows one of them per household has it."""


class MonitoringCase(Table, table=True):
    """个案: one household on its way from a clue to the register, through help, and out of risk.

    Its dues run from ``day_0``, its first clue's day. ``plan`` is the area's plan of that day with its source, and
    ``dues`` the day until which each of its steps is in time; both stay when the area's plan changes. ``step``,
    ``holder`` and ``due_on`` say what it waits for. ``returned_to`` is the state that a return names. What the register
    says (type, basis, line, risks) stands here once it is registered, by the line of the decision's day.

    :ivar origin: ``clue``; ``migrated`` for cases that are taken over, which have neither plan nor dues.
    :ivar compared_on: when the comparison was done, also where that runs beside another step.
    :ivar urgent: 绿色通道: help may begin before the register.
    :ivar elimination_mode: as proposed, and as decided once ``eliminated_on`` is there; ``elimination_reason`` is the
        county's for 自然消除, ``elimination`` the figures by which it was decided.
    """

    __tablename__: ClassVar[Any] = "monitoring_case"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(CaseState)})", "known_state"),
        CheckConstraint("origin IN ('clue', 'migrated')", "known_origin"),
        CheckConstraint("(step IS NULL) = (due_on IS NULL) AND (step IS NULL) = (holder IS NULL)", "waits_whole"),
        CheckConstraint("state NOT IN ('returned_t', 'returned_c') OR returned_to IS NOT NULL", "return_names_a_state"),
        CheckConstraint("monitoring_type IS NULL OR registered_on IS NOT NULL", "type_is_registered"),
        Index("uq_monitoring_case_open", "household_id", unique=True, postgresql_where=text(OPEN_SQL)),
        Index(None, "household_id", "id"),
        Index(None, "region", "state", "id"),
        Index("ix_monitoring_case_waiting", "region", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")),
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
    elimination_compared_on: date | None = None
    elimination: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    ended_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=_recorded())


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
    recorded_at: datetime = Field(sa_column=_recorded())


class CaseVerification(Table, table=True):
    """入户核实: what the first of two people found at the household; the second confirms it by their own sign-in.

    ``helper`` is who wrote for somebody who cannot write. ``outcome`` stays empty until the second person has looked.
    ``interview_id`` is the countersigned form that it was taken from, if one was filled.
    """

    __tablename__: ClassVar[Any] = "case_verification"
    __table_args__ = (
        CheckConstraint("mode IN ('home', 'telephone', 'video')", "known_mode"),
        CheckConstraint("second_subject <> first_subject", "two_persons"),
        CheckConstraint("(outcome IS NULL) = (second_subject IS NULL)", "outcome_is_the_seconds"),
        CheckConstraint("outcome IN ('confirmed', 'not_confirmed', 'replaced')", "known_outcome"),
        CheckConstraint("purpose IN ('entry', 'elimination')", "known_purpose"),
        Index(None, "case_id", "id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    case_id: UUID = Field(sa_column=_of_case())
    verified_on: date
    mode: str = Field(sa_type=Text)
    summary: str = Field(sa_type=Text)
    risks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    helper: str | None = Field(None, sa_type=Text)
    first_subject: str = Field(sa_type=Text)
    second_subject: str | None = Field(None, sa_type=Text)
    outcome: str | None = Field(None, sa_type=Text)
    purpose: str = Field("entry", sa_column=Column(Text, nullable=False, server_default=text("'entry'")))
    interview_id: UUID | None = None
    recorded_at: datetime = Field(sa_column=_recorded())


class CaseSignature(Table, table=True):
    """农户签字: what the household signed in its case: what was found, that it declines, or that its risk is gone.

    ``file_id`` is the photo of the signed sheet, which stays where it was handed in. ``helper`` wrote for somebody who
    cannot write, ``witness`` heard what was said by telephone or video.
    """

    __tablename__: ClassVar[Any] = "case_signature"
    __table_args__ = (
        CheckConstraint("purpose IN ('entry', 'decline', 'elimination')", "known_purpose"),
        CheckConstraint("given_by IN ('paper', 'electronic', 'telephone', 'video')", "known_way"),
        CheckConstraint("given_by <> 'paper' OR file_id IS NOT NULL", "paper_has_its_sheet"),
        Index(None, "case_id", "id"),
        Index(None, "region"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    case_id: UUID = Field(sa_column=_of_case())
    purpose: str = Field(sa_type=Text)
    signed_by: str = Field(sa_type=Text)
    signed_on: date
    given_by: str = Field(sa_type=Text)
    file_id: UUID | None = None
    helper: str | None = Field(None, sa_type=Text)
    witness: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())


class CaseMeeting(Table, table=True):
    """民主评议会: one set of minutes that decides a list of cases.

    ``attendees`` are people of the village in the order of the list of those present: name, the person in the registry
    if known, and the cases to which they are related.
    """

    __tablename__: ClassVar[Any] = "case_meeting"
    __table_args__ = (
        CheckConstraint("purpose IN ('entry', 'elimination')", "known_purpose"),
        Index(None, "region", "held_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    purpose: str = Field("entry", sa_type=Text)
    held_on: date
    place: str | None = Field(None, sa_type=Text)
    minutes: str = Field(sa_type=Text)
    attendees: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_by: str = Field(sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=_recorded())


class CaseVote(Table, table=True):
    """表决: what a meeting decided on one case; ``recused`` are places in the list of attendees."""

    __tablename__: ClassVar[Any] = "case_vote"
    __table_args__ = (
        CheckConstraint("outcome IN ('accepted', 'refused')", "known_outcome"),
        CheckConstraint("least(in_favour, against, abstained) >= 0", "votes_not_negative"),
        Index(None, "case_id"),
        Index(None, "region"),
    )

    meeting_id: UUID = Field(sa_column=Column(ForeignKey("case_meeting.id"), primary_key=True))
    case_id: UUID = Field(sa_column=Column(ForeignKey("monitoring_case.id"), primary_key=True))
    region: int = Field(sa_type=BigInteger)
    outcome: str = Field(sa_type=Text)
    in_favour: int = Field(sa_type=SmallInteger)
    against: int = Field(sa_type=SmallInteger)
    abstained: int = Field(sa_type=SmallInteger)
    recused: list[int] = Field(sa_column=Column(ARRAY(SmallInteger), nullable=False))
    risks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    needs: str | None = Field(None, sa_type=Text)


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
    recorded_at: datetime = Field(sa_column=_recorded())


class PublicListLine(Table, table=True):
    """公示名单上的一户: one case on a list for some days; interrupted by an objection, it may hang there once more.

    :ivar until: the day on which it came down; None while it hangs. ``counts``: whether its days count: those of a
        list that was changed do not, nor do those before an objection that was upheld.
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
    case_id: UUID = Field(sa_column=_of_case())
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
    case_id: UUID = Field(sa_column=_of_case())
    list_id: UUID = Field(sa_column=Column(ForeignKey("public_list.id"), nullable=False))
    received_on: date
    words: str = Field(sa_type=Text)
    state: str = Field("open", sa_type=Text)
    finding: str | None = Field(None, sa_type=Text)
    settled_on: date | None = None
    settled_by: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=_recorded())
