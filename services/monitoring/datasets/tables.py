"""What departments handed in: batches, the fate of each row, the records that count, periods and saved mappings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from chassis.security.columns import Indexed, Sealed
from services.monitoring.base import Table


def _instant() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


def cells_place(submission_id: UUID, row_number: int, attempt: int) -> UUID:
    """What the ciphertext of a row's cells is bound to."""
    return uuid5(submission_id, f"{row_number}/{attempt}")


def _cells_place(row: Mapping[str, Any]) -> UUID:
    return cells_place(row["submission_id"], row["row_number"], row["attempt"])


def _document() -> Column[Any]:
    return Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))


class Submission(Table, table=True):
    """批次: one file of one department for one period, and the corrected files that joined it.

    ``region`` is the county. ``file_digest`` is keyed: the same file is answered with this batch unless it was refused
    or withdrawn, or a later batch revised it. ``layout`` holds the clerk's own columns, ``counts`` the rows by fate,
    ``refusal`` why the file as a whole was refused.
    """

    __tablename__: ClassVar[Any] = "submission"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'reading', 'read', 'corrected', 'refused', 'withdrawn')", "known_state"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", "refusal_has_a_reason"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_reason IS NOT NULL)", "withdrawal_has_a_reason"),
        Index(None, "region", "department", "id"),
        Index(None, "region", "period", "dataset"),
        Index(
            "uq_submission_file",
            "region",
            "dataset",
            "period",
            "file_digest",
            unique=True,
            postgresql_where=text("state NOT IN ('refused', 'withdrawn')"),
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    department: str = Field(sa_type=Text)
    dataset: str = Field(sa_type=Text)
    contract_version: int = Field(sa_type=SmallInteger)
    period: str = Field(sa_type=Text)
    file_id: UUID
    file_digest: bytes = Field(sa_type=Indexed)
    file_name: str = Field(sa_type=Text)
    mapping_id: UUID | None = None
    submitted_by: str = Field(sa_type=Text)
    job_id: UUID | None = None
    received_at: datetime = Field(sa_column=_instant())
    received_on: date
    is_late: bool = False
    state: str = Field("received", sa_type=Text)
    attempts: int = Field(1, sa_type=SmallInteger)
    rows_received: int = Field(0, sa_type=BigInteger)
    counts: dict[str, int] = Field(default_factory=dict, sa_column=_document())
    layout: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    refusal: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    withdrawn_reason: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)


class SubmissionRow(Table, table=True):
    """One row of a batch and its fate; a corrected row stands beside what it corrects, as a further attempt.

    ``judgement`` is what the row would be if it were not late. ``raw`` holds the clerk's own cells, encrypted, for rows
    that go back or wait for a decision, and for no others. ``candidate_id`` is the person with that number and another
    name.
    """

    __tablename__: ClassVar[Any] = "submission_row"
    __table_args__ = (
        CheckConstraint("fate IN ('rejected', 'duplicate', 'late', 'outside', 'unmatched', 'matched')", "known_fate"),
        CheckConstraint("judgement IN ('rejected', 'duplicate', 'outside', 'unmatched', 'matched')", "known_judgement"),
        Index(None, "submission_id", "fate", "row_number", postgresql_where=text("is_current")),
    )

    submission_id: UUID = Field(sa_column=Column(ForeignKey("submission.id"), primary_key=True))
    row_number: int = Field(sa_type=BigInteger, primary_key=True)
    attempt: int = Field(1, sa_type=SmallInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    is_current: bool = True
    fate: str = Field(sa_type=Text)
    judgement: str = Field(sa_type=Text)
    reasons: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    raw: bytes | None = Field(None, sa_column=Column(Sealed(row=_cells_place)))
    key_digest: bytes | None = Field(None, sa_type=Indexed)
    person_id: UUID | None = None
    household_id: UUID | None = None
    candidate_id: UUID | None = None
    record_id: UUID | None = None
    version: int = Field(1, sa_type=BigInteger)


class DepartmentRecord(Table, table=True):
    """行业部门数据: what a department says of one registered person, without names and numbers of persons.

    ``region`` is where the person's household is managed, as long as that lies in ``county``, where it was handed in;
    of people who left the county it is where they were last. One record per natural key is in force; a later batch's
    replaces it and it is kept as superseded.
    """

    __tablename__: ClassVar[Any] = "department_record"
    __table_args__ = (
        CheckConstraint("state IN ('in_force', 'superseded', 'withdrawn')", "known_state"),
        Index(
            "uq_department_record_in_force",
            "county",
            "dataset",
            "natural_key",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
        Index(None, "county", "dataset", "natural_key"),
        Index(None, "submission_id", "row_number"),
        Index(None, "region", "dataset", "id", postgresql_where=text("state = 'in_force'")),
        Index(None, "person_id", "dataset"),
        Index(None, "household_id", "dataset"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    county: int = Field(sa_type=BigInteger)
    dataset: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    submission_id: UUID = Field(sa_column=Column(ForeignKey("submission.id"), nullable=False))
    row_number: int = Field(sa_type=BigInteger)
    person_id: UUID
    household_id: UUID
    event_date: date | None = None
    natural_key: bytes = Field(sa_type=Indexed)
    payload: dict[str, Any] = Field(sa_column=_document())
    state: str = Field("in_force", sa_type=Text)
    superseded_by: UUID | None = None
    recorded_at: datetime = Field(sa_column=_instant())
    version: int = Field(1, sa_type=BigInteger)


class DepartmentPeriod(Table, table=True):
    """报送期: between which days a department's file for a period is on time; no row means no closing day."""

    __tablename__: ClassVar[Any] = "department_period"
    __table_args__ = (CheckConstraint("opens_on <= closes_on", "opens_before_it_closes"),)

    region: int = Field(sa_type=BigInteger, primary_key=True)
    dataset: str = Field(sa_type=Text, primary_key=True)
    period: str = Field(sa_type=Text, primary_key=True)
    department: str = Field(sa_type=Text)
    opens_on: date
    closes_on: date
    closed_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    version: int = Field(1, sa_type=BigInteger)


class ColumnMapping(Table, table=True):
    """列对应关系: which of a department's own headings is which column of a contract."""

    __tablename__: ClassVar[Any] = "column_mapping"
    __table_args__ = (Index("uq_column_mapping_dataset", "region", "dataset", unique=True),)

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    department: str = Field(sa_type=Text)
    dataset: str = Field(sa_type=Text)
    mapping: dict[str, str] = Field(sa_column=_document())
    version: int = Field(1, sa_type=BigInteger)
