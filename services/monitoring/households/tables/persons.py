"""Members of households as they are now and as they were before, and the blind indexes that find them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, false
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Indexed, Remade, Sealed
from services.monitoring.base import Table, recorded

_FROM_NUMBER: Final = Remade(
    kind="identity_number",
    owner="person_id",
    sources=(("person", "identity_number"), ("person_history", "identity_number")),
)
"""A number that was only entered as a former one lies nowhere encrypted: its index stays under the key of that time."""


class Person(Table, table=True):
    """人: one member of a household. Numbers lie here encrypted; :class:`PersonNumber` finds them."""

    __tablename__: ClassVar[Any] = "person"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'dead', 'moved_out', 'removed')", "known_state"),
        CheckConstraint("sex IN ('0', '1', '2', '9')", "known_sex"),
        Index(None, "household_id"),
        Index(None, "region", "id"),
        # Collation C: a prefix is name >= a AND name < b, which the policy leaves an index for.
        Index(None, "region", "name", "id"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    name: str = Field(sa_column=Column(Text(collation="C"), nullable=False))
    identity_number: bytes | None = Field(None, sa_type=Sealed)
    no_number_reason: str | None = Field(None, sa_type=Text)
    birth_date: date
    sex: str = Field(sa_type=Text)
    relation: str = Field(sa_type=Text)
    ethnicity: str | None = Field(None, sa_type=Text)
    marriage: str | None = Field(None, sa_type=Text)
    education: str | None = Field(None, sa_type=Text)
    school_stage: str | None = Field(None, sa_type=Text)
    labour_skill: str | None = Field(None, sa_type=Text)
    health: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    disability_number: bytes | None = Field(None, sa_type=Sealed)
    disability_class: str | None = Field(None, sa_type=Text)
    disability_level: str | None = Field(None, sa_type=Text)
    phone: bytes | None = Field(None, sa_type=Sealed)
    is_insured: bool | None = None
    is_left_behind: bool = False
    is_soldier: bool = Field(False, sa_column_kwargs={"server_default": false()})
    national_no: str | None = Field(None, sa_type=Text)
    state: str = Field("active", sa_type=Text)
    died_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)
    valid_from: date
    recorded_at: datetime = Field(sa_column=recorded())


class PersonNumber(Table, table=True):
    """Blind indexes of a person's ID numbers: the current one, corrected and former ones, under each live key.

    The primary key is what keeps a person from standing in the registry twice, whoever registers first. That the person
    is in the registry, triggers check for a statement at once, in the place of a foreign key (ADR 0001).
    """

    __tablename__: ClassVar[Any] = "person_number"
    __table_args__ = (
        CheckConstraint("kind IN ('current', 'former', 'corrected')", "known_kind"),
        Index(None, "person_id"),
    )

    blind_index: bytes = Field(sa_column=Column(Indexed(remade=_FROM_NUMBER), primary_key=True))
    person_id: UUID
    kind: str = Field("current", sa_type=Text)


class PersonHistory(Table, table=True):
    """States that a person left; the document holds no number, the row's ciphertexts stand beside it."""

    __tablename__: ClassVar[Any] = "person_history"
    __table_args__ = (Index(None, "region", "id"), Index(None, "household_id"))

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID
    valid_from: date
    valid_to: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    replaced_at: datetime = Field(sa_column=recorded())
    identity_number: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    disability_number: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    phone: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
