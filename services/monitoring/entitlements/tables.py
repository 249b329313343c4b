"""What is due to whom, since when, and whether it was received."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class Entitlement(Table, table=True):
    """应享政策: one policy that is due to a person, or to a household as a whole, while its condition holds.

    ``missing`` is a gap, and so a to-do of ``department``; it may explain why nothing is owed. What is due no longer is
    ``over`` and stays as what held from ``due_since`` to ``ended_on``.
    """

    __tablename__: ClassVar[Any] = "entitlement"
    __table_args__ = (
        CheckConstraint("state IN ('missing', 'received', 'explained', 'over')", "known_state"),
        CheckConstraint("(state = 'over') = (ended_on IS NOT NULL)", "over_has_a_day"),
        CheckConstraint("(state = 'received') <= (received_on IS NOT NULL)", "received_has_a_day"),
        CheckConstraint("(state = 'explained') <= (explanation IS NOT NULL)", "explained_has_a_reason"),
        Index(
            "uq_entitlement_standing",
            "policy_id",
            "household_id",
            "person_id",
            unique=True,
            postgresql_where=text("state <> 'over'"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "household_id"),
        Index(None, "department", "state", "state_since", "id"),
        Index(None, "region", "state"),
    )

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(sa_column=Column(ForeignKey("household.id"), nullable=False))
    person_id: UUID | None = Field(None, sa_column=Column(ForeignKey("person.id")))
    policy_id: str = Field(sa_type=Text)
    policy_version: int = Field(sa_type=SmallInteger)
    department: str = Field(sa_type=Text)
    tells_health: bool
    inputs: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    due_since: date
    ended_on: date | None = None
    received_on: date | None = None
    received_from: str | None = Field(None, sa_type=Text)
    received_id: UUID | None = None
    state: str = Field(sa_type=Text)
    state_since: date
    explanation: str | None = Field(None, sa_type=Text)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())
