"""Checks of the six guarantees: added to, and withdrawn where one was wrong; never rewritten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class GuaranteeCheck(Table, table=True):
    """保障核查: what somebody found of one guarantee of a household on a day.

    The latest active check of an item is the answer that holds. ``record_id`` is the department's record that it was
    taken from, ``evidence_file_id`` a photo or scan of this service's files.
    """

    __tablename__: ClassVar[Any] = "guarantee_check"
    __table_args__ = (
        CheckConstraint(
            "item IN ('food', 'clothing', 'compulsory_education', 'basic_medical', 'housing', 'water')", "known_item"
        ),
        CheckConstraint("answer IN ('yes', 'no', 'not_applicable')", "known_answer"),
        CheckConstraint("state IN ('active', 'withdrawn')", "known_state"),
        CheckConstraint(
            "answer = 'yes' OR num_nonnulls(evidence, evidence_file_id, record_id) > 0", "exception_has_evidence"
        ),
        Index(None, "household_id", "item", "checked_on", postgresql_where=text("state = 'active'")),
        Index(None, "household_id", "checked_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    item: str = Field(sa_type=Text)
    answer: str = Field(sa_type=Text)
    checked_on: date
    evidence: str | None = Field(None, sa_type=Text)
    evidence_file_id: UUID | None = None
    source: str = Field(sa_type=Text)
    record_id: UUID | None = None
    state: str = Field("active", sa_type=Text)
    withdrawn_reason: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())
