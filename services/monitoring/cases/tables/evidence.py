"""What was verified, signed, voted on and told in a case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.monitoring.base import Table
from services.monitoring.cases.tables.cases import of_case, recorded
from services.monitoring.notices import Notice, notice_rules


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
    case_id: UUID = Field(sa_column=of_case())
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
    recorded_at: datetime = Field(sa_column=recorded())


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
    case_id: UUID = Field(sa_column=of_case())
    purpose: str = Field(sa_type=Text)
    signed_by: str = Field(sa_type=Text)
    signed_on: date
    given_by: str = Field(sa_type=Text)
    file_id: UUID | None = None
    helper: str | None = Field(None, sa_type=Text)
    witness: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())


class CaseNotice(Notice, table=True):
    """告知: how the household of a case that came to nothing was told so (clause B8).

    :ivar state: what the case had come to, which is what the household was told.
    """

    __tablename__: ClassVar[Any] = "case_notice"
    __table_args__ = notice_rules("case_id")

    case_id: UUID = Field(sa_column=of_case())
    state: str = Field(sa_type=Text)


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
    recorded_at: datetime = Field(sa_column=recorded())


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
