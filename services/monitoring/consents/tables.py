"""What households signed: commitments and inquiry authorisations, with their purposes and days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from chassis.security.columns import Sealed
from services.monitoring.base import Table, recorded


class Consent(Table, table=True):
    """承诺书、授权书: one sheet that a household signed, or what it said by telephone or video.

    ``covers`` are the persons that it is about, ``signed_by`` the member who gave it, for children too. ``file_id`` is
    the photo of the signed sheet, which stays where it was handed in. Names of the helper who wrote for somebody and of
    the witness lie encrypted: they need not be people of the registry. ``case_id`` names a case without a foreign key.
    """

    __tablename__: ClassVar[Any] = "consent"
    __table_args__ = (
        CheckConstraint("kind IN ('commitment', 'authorisation')", "known_kind"),
        CheckConstraint("given_by IN ('paper', 'electronic', 'telephone', 'video')", "known_way"),
        CheckConstraint("given_by <> 'paper' OR file_id IS NOT NULL", "paper_has_its_sheet"),
        CheckConstraint("signed_on <= expires_on", "expires_after_it_was_signed"),
        CheckConstraint("cardinality(covers) > 0 AND cardinality(purposes) > 0", "covers_somebody_for_something"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", "withdrawal_has_a_reason"),
        Index(None, "household_id", "id"),
        Index("ix_consent_standing", "region", "expires_on", "id", postgresql_where=text("withdrawn_on IS NULL")),
        Index(None, "case_id", postgresql_where=text("case_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    case_id: UUID | None = None
    kind: str = Field(sa_type=Text)
    purposes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    covers: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    signed_by: UUID
    signed_on: date
    expires_on: date
    given_by: str = Field(sa_type=Text)
    file_id: UUID | None = None
    witness_name: bytes | None = Field(None, sa_type=Sealed)
    helper_name: bytes | None = Field(None, sa_type=Sealed)
    helper_relation: str | None = Field(None, sa_type=Text)
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_column=recorded())
    version: int = Field(1, sa_type=BigInteger)
