"""What the national system said when it was last exported, so that it can be held against the registry at any time."""

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
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Indexed
from services.monitoring.base import Table, recorded


def _texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


class NationalExport(Table, table=True):
    """国家系统导出: one file of a county, with the date for which it speaks and what it covers.

    ``region`` is the county. The latest one that was read is kept with its rows, for each coverage; of an earlier one
    this row alone stays. ``columns`` are those of the contract that the file has, ``unread`` the headings that mean
    nothing to it, ``counts`` what the job counted. ``file_id`` and ``job_id`` are those of the last corrected file,
    once one joined. ``compared`` counts what the report of ``compared_at`` found.
    """

    __tablename__: ClassVar[Any] = "national_export"
    __table_args__ = (
        CheckConstraint("covers IN ('all', 'lifted', 'monitored')", "known_coverage"),
        CheckConstraint("state IN ('received', 'read', 'refused', 'replaced')", "known_state"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", "refusal_has_a_reason"),
        Index(None, "region", "id"),
        Index("uq_national_export_read", "region", "covers", unique=True, postgresql_where=text("state = 'read'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    covers: str = Field(sa_type=Text)
    exported_on: date
    is_imported: bool
    contract_version: int = Field(sa_type=SmallInteger)
    mapping: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    columns: list[str] = Field(default_factory=list, sa_column=_texts())
    unread: list[str] = Field(default_factory=list, sa_column=_texts())
    file_id: UUID
    job_id: UUID
    state: str = Field("received", sa_type=Text)
    counts: dict[str, int] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    refusal: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    compared: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    compared_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    received_by: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_column=recorded())
    version: int = Field(1, sa_type=BigInteger)


class NationalHousehold(Table, table=True):
    """A household as the export has it. ``region`` is its village, or the county where the file names none of ours.

    What the file does not say is null. ``is_taken``: whether it is in the registry since, or was refused.
    """

    __tablename__: ClassVar[Any] = "national_household"
    __table_args__ = (Index(None, "export_id", "region"),)

    export_id: UUID = Field(sa_column=Column(ForeignKey("national_export.id", ondelete="CASCADE"), primary_key=True))
    national_no: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    region: int = Field(sa_type=BigInteger)
    is_lifted: bool | None = None
    monitoring_type: str | None = Field(None, sa_type=Text)
    risks: list[str] | None = Field(None, sa_column=Column(ARRAY(Text)))
    registered_on: date | None = None
    eliminated_on: date | None = None
    is_taken: bool = False


class NationalPerson(Table, table=True):
    """A member as the export has them: their ID number only as blind indexes, under every key that lived then."""

    __tablename__: ClassVar[Any] = "national_person"
    __table_args__ = (
        ForeignKeyConstraint(
            ["export_id", "household_no"],
            ["national_household.export_id", "national_household.national_no"],
            name="fk_national_person_household",
            ondelete="CASCADE",
        ),
        Index(None, "export_id", "region"),
        Index(None, "export_id", "household_no"),
    )

    id: UUID = Field(primary_key=True)
    export_id: UUID
    household_no: str = Field(sa_column=Column(Text(collation="C"), nullable=False))
    region: int = Field(sa_type=BigInteger)
    national_no: str | None = Field(None, sa_type=Text)
    name: str | None = Field(None, sa_column=Column(Text(collation="C")))
    birth_date: date | None = None
    identity_indexes: list[bytes] = Field(sa_column=Column(ARRAY(Indexed), nullable=False))


class NationalDifference(Table, table=True):
    """差异: a household or person of whom export and registry did not say the same when they were compared.

    ``key`` orders the rows of a kind. ``facts`` lists ``{fact, there, here}``; of ID numbers only that they differ.
    """

    __tablename__: ClassVar[Any] = "national_difference"
    __table_args__ = (
        CheckConstraint("grain IN ('household', 'person')", "known_grain"),
        CheckConstraint("kind IN ('there_only', 'here_only', 'differing')", "known_kind"),
    )

    export_id: UUID = Field(sa_column=Column(ForeignKey("national_export.id", ondelete="CASCADE"), primary_key=True))
    grain: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    region: int = Field(sa_type=BigInteger)
    region_there: int | None = Field(None, sa_type=BigInteger)
    region_here: int | None = Field(None, sa_type=BigInteger)
    national_no: str | None = Field(None, sa_type=Text)
    household_id: UUID | None = None
    person_id: UUID | None = None
    name: str | None = Field(None, sa_type=Text)
    household_no: str | None = Field(None, sa_type=Text)
    members_there: int | None = Field(None, sa_type=BigInteger)
    members_here: int | None = Field(None, sa_type=BigInteger)
    was_refused: bool = False
    facts: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
