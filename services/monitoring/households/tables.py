"""The registry: households and persons as they are now, as they were before, and the numbers that find them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Final
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
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from chassis.security.columns import Indexed, Remade, Sealed
from services.monitoring.base import Table

_FROM_NUMBER: Final = Remade(
    kind="identity_number",
    owner="person_id",
    sources=(("person", "identity_number"), ("person_history", "identity_number")),
)
"""A number that was only entered as a former one lies nowhere encrypted: its index stays under the key of that time."""


def _recorded() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))


class Household(Table, table=True):
    """户: one household by registration, allowing for where it really lives and shares its income.

    ``region`` is where it is managed (its residence, if that differs); lists, areas and dispatch go by it.

    :ivar ended_monitoring: what the register said of it until its registration ended naturally (自然减少): type, risks,
        ``registered_on`` and ``ended_on``. It is counted as ended, also after the household came back.
    """

    __tablename__: ClassVar[Any] = "household"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'dissolved', 'merged', 'moved_out')", "known_state"),
        CheckConstraint("monitoring_type IS NULL OR monitoring_type IN ('1', '2', '3')", "known_type"),
        CheckConstraint("member_count >= 0", "members_not_negative"),
        Index(None, "region", "id"),
        Index(None, "region", "monitoring_type", "id"),
        Index("ix_household_ended_monitoring", "region", postgresql_where=text("ended_monitoring IS NOT NULL")),
        # Block by block: whether anything was written since an instant is seen without reading a county.
        Index(
            "ix_household_recorded_at",
            "recorded_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": True},
        ),
        Index("uq_household_national_no", "national_no", unique=True, postgresql_where=text("national_no IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    registration_region: int = Field(sa_type=BigInteger)
    national_no: str | None = Field(None, sa_type=Text)
    address: str | None = Field(None, sa_type=Text)
    contact_phone: bytes | None = Field(None, sa_type=Sealed)
    bank_account: bytes | None = Field(None, sa_type=Sealed)
    is_lifted: bool = False
    lifted_year: int | None = Field(None, sa_type=SmallInteger)
    is_resettled: bool = False
    monitoring_type: str | None = Field(None, sa_type=Text)
    risks: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    registered_on: date | None = None
    eliminated_on: date | None = None
    elimination_mode: str | None = Field(None, sa_type=Text)
    ended_monitoring: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    land_mu_hundredths: int | None = Field(None, sa_type=BigInteger)
    member_count: int = Field(0, sa_type=SmallInteger)
    state: str = Field("active", sa_type=Text)
    successor_id: UUID | None = None
    origin: str = Field("registered", sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    valid_from: date
    recorded_at: datetime = Field(sa_column=_recorded())


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
    recorded_at: datetime = Field(sa_column=_recorded())


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


class HouseholdHistory(Table, table=True):
    """States that a household left, each with the days for which it held and when it was recorded and replaced."""

    __tablename__: ClassVar[Any] = "household_history"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    valid_from: date
    valid_to: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    replaced_at: datetime = Field(sa_column=_recorded())
    contact_phone: bytes | None = Field(None, sa_column=Column(Sealed(table="household")))
    bank_account: bytes | None = Field(None, sa_column=Column(Sealed(table="household")))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


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
    replaced_at: datetime = Field(sa_column=_recorded())
    identity_number: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    disability_number: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    phone: bytes | None = Field(None, sa_column=Column(Sealed(table="person")))
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class MonitoringFact(Table, table=True):
    """监测事实: what holds of a household's monitoring from a day on; added to, never changed.

    ``number`` counts a household's facts in the order in which they were recorded; the highest one's state is what the
    household's own row shows. ``source`` tells where it comes from, ``source_id`` which export or case it was.
    A case that was wrong, or that ended with its household, ends the monitoring, and the household shows nothing of it
    any more.
    """

    __tablename__: ClassVar[Any] = "monitoring_fact"
    __table_args__ = (
        CheckConstraint("monitoring_type IN ('1', '2', '3')", "known_type"),
        CheckConstraint("source IN ('national', 'case')", "known_source"),
        CheckConstraint("ended_as IN ('removed', 'natural_end', 'merged')", "known_end"),
        CheckConstraint("(ended_as IS NULL) = (ended_on IS NULL)", "end_has_a_day"),
        Index(None, "region"),
    )

    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), primary_key=True))
    number: int = Field(sa_type=SmallInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    holds_from: date
    monitoring_type: str = Field(sa_type=Text)
    risks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    disaster_kind: str | None = Field(None, sa_type=Text)
    risk_note: str | None = Field(None, sa_type=Text)
    registered_on: date
    eliminated_on: date | None = None
    elimination_mode: str | None = Field(None, sa_type=Text)
    ended_on: date | None = None
    ended_as: str | None = Field(None, sa_type=Text)
    source: str = Field(sa_type=Text)
    source_id: UUID
    recorded_at: datetime = Field(sa_column=_recorded())


class Finding(Table, table=True):
    """疑点: a doubt about the data of a household or person that a cadre works off."""

    __tablename__: ClassVar[Any] = "finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'corrected', 'explained')", "known_state"),
        Index(
            "uq_finding_open",
            "household_id",
            "person_id",
            "code",
            unique=True,
            postgresql_where=text("state = 'open'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "region", "state", "id"),
        Index("ix_finding_waiting", "region", "found_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = None
    code: str = Field(sa_type=Text)
    field: str = Field(sa_type=Text)
    message_zh: str = Field(sa_type=Text)
    message_en: str = Field(sa_type=Text)
    state: str = Field("open", sa_type=Text)
    explanation: str | None = Field(None, sa_type=Text)
    found_on: date
    settled_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)


class Transfer(Table, table=True):
    """迁移: a household offered by one area and accepted, or declined, by another.

    No ``region``, so no policy by area: both sides read it, each by a range of its own. What the receiver may know
    before it accepts stands here: the head's masked name and the number of members.
    """

    __tablename__: ClassVar[Any] = "transfer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", "known_state"),
        Index("uq_transfer_open", "household_id", unique=True, postgresql_where=text("state = 'open'")),
        Index(None, "from_region", "state", "id"),
        Index(None, "to_region", "state", "id"),
        Index("ix_transfer_waiting", "to_region", "effective_on", "id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    household_id: UUID
    household_version: int = Field(sa_type=BigInteger)
    from_region: int = Field(sa_type=BigInteger)
    to_region: int = Field(sa_type=BigInteger)
    effective_on: date
    head_name_masked: str | None = Field(None, sa_type=Text)
    member_count: int = Field(sa_type=SmallInteger)
    state: str = Field("open", sa_type=Text)
    reason: str = Field(sa_type=Text)
    answer: str | None = Field(None, sa_type=Text)
    answered_on: date | None = None
    accepted_region: int | None = Field(None, sa_type=BigInteger)
    version: int = Field(1, sa_type=BigInteger)


class ClashTask(Table, table=True):
    """A registration that met a person who already stands elsewhere; the county of that person looks into it."""

    __tablename__: ClassVar[Any] = "clash_task"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'kept', 'released')", "known_state"),
        Index(None, "region", "state", "id"),
        Index("ix_clash_task_waiting", "region", "found_on", "id", postgresql_where=text("state = 'open'")),
        Index(
            "uq_clash_task_open",
            "person_id",
            "claimed_region",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    person_id: UUID
    claimed_region: int = Field(sa_type=BigInteger)
    state: str = Field("open", sa_type=Text)
    found_on: date
    explanation: str | None = Field(None, sa_type=Text)
    settled_on: date | None = None
    version: int = Field(1, sa_type=BigInteger)
