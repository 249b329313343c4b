"""What departments are asked about a household of a case, and what they say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, SmallInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Sealed
from services.monitoring.base import Table


def _instant(*, default: bool = False) -> Column[datetime]:
    if default:
        return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
    return Column(DateTime(timezone=True), nullable=False)


class ComparisonRequest(Table, table=True):
    """比对请求: one department is asked about one household of one case; one of them is open at a time.

    ``case_id`` names the case without a foreign key. ``basis`` says why nobody is asked, where the household was
    compared already; ``asked_by`` is who opened it, ``ended_by`` who answered it, recorded the silence or closed it.
    """

    __tablename__: ClassVar[Any] = "comparison_request"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'answered', 'not_answered', 'already_compared', 'closed')",
            "known_state",
        ),
        CheckConstraint("(state = 'open') = (ended_by IS NULL)", "ended_by_somebody"),
        CheckConstraint("(state = 'already_compared') = (basis IS NOT NULL)", "compared_already_by_somebody"),
        CheckConstraint("(state = 'closed') = (closed_reason IS NOT NULL)", "closed_for_a_reason"),
        Index(
            "uq_comparison_request_open", "case_id", "department", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index(None, "case_id", "department", "id"),
        Index(None, "household_id", "id"),
        Index(None, "department", "state", "due_at", "id"),
        Index(None, "state", "due_at", "id"),
        Index(
            "ix_comparison_request_waiting",
            "department",
            text("(timezone('Asia/Shanghai', due_at)::date)"),
            "id",
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    case_id: UUID
    department: str = Field(sa_type=Text)
    state: str = Field("open", sa_type=Text)
    persons: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    asked_on: date
    asked_by: str = Field(sa_type=Text)
    due_at: datetime = Field(sa_column=_instant())
    basis: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    ended_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    ended_by: str | None = Field(None, sa_type=Text)
    closed_reason: str | None = Field(None, sa_type=Text)
    recorded_at: datetime = Field(sa_column=_instant(default=True))
    version: int = Field(1, sa_type=BigInteger)


class ComparisonItem(Table, table=True):
    """比对事项: one fact about one person; ``known`` is what the department's own file says, ``given`` what it answers.

    Amounts are in 分, days in ISO 8601, codes as in the contract. The note may name people, so it lies encrypted.
    """

    __tablename__: ClassVar[Any] = "comparison_item"
    __table_args__ = (
        CheckConstraint("result IN ('confirmed', 'differs', 'nothing_known')", "known_result"),
        CheckConstraint("(record_id IS NULL) = (known IS NULL)", "known_from_a_record"),
        CheckConstraint("(result = 'confirmed') IS NOT TRUE OR known IS NOT NULL", "confirms_what_was_shown"),
        CheckConstraint("given IS NULL OR result = 'differs'", "given_where_it_differs"),
        Index(None, "request_id", "number"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    request_id: UUID = Field(sa_column=Column(ForeignKey("comparison_request.id"), nullable=False))
    number: int = Field(sa_type=SmallInteger)
    person_id: UUID
    fact: str = Field(sa_type=Text)
    record_id: UUID | None = None
    known_on: date | None = None
    known: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    result: str | None = Field(None, sa_type=Text)
    given: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    note: bytes | None = Field(None, sa_type=Sealed)
