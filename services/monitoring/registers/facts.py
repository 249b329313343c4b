"""The columns that every register's table begins with: whose fact, when it holds, who said so, and since when we know.

A fact is corrected by a further version: the one before gets ``replaced_at`` and stays. So a register can be asked how
things stood on a day (``on``) as it was known at an instant (``known_at``).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table
from services.monitoring.registers.described import FactGrain

_PRESENT: Final = text("replaced_at IS NULL")
_INSTANT: Any = DateTime(timezone=True)


class Fact(Table):
    """台账事实: one version of one fact of a register; the base of every register's table.

    ``region`` is where the household is managed now. ``fact_key`` names the fact from batch to batch; ``county`` is
    where it was fed, and only that county's records withdraw it. ``version`` rises too when the household moves.
    """

    id: UUID = Field(primary_key=True)
    version: int = Field(1, sa_type=BigInteger, primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID = Field(foreign_key="household.id")
    person_id: UUID | None = Field(None, foreign_key="person.id")
    fact_key: str = Field(sa_type=Text)
    holds_from: date
    holds_to: date | None = None
    source: str = Field(sa_type=Text)
    county: int = Field(sa_type=BigInteger)
    source_record: UUID | None = None
    source_batch: UUID | None = None
    recorded_by: str = Field(sa_type=Text)
    reason: str | None = Field(None, sa_type=Text)
    recorded_at: datetime = Field(sa_type=_INSTANT, sa_column_kwargs={"server_default": text("clock_timestamp()")})
    replaced_at: datetime | None = Field(None, sa_type=_INSTANT)


COMMON: Final = frozenset(Fact.model_fields)
"""Names of the columns that every register has."""


def fact_rules(table: str, grain: FactGrain, *own: Any) -> tuple[Any, ...]:
    """``__table_args__`` of a register's table: what holds of every fact, and then its own constraints."""
    whose = "person_id IS NOT NULL" if grain is FactGrain.PERSON else "person_id IS NULL"
    return (
        CheckConstraint("holds_to IS NULL OR holds_to >= holds_from", "ends_after_it_begins"),
        CheckConstraint("source IN ('department', 'computed', 'officer', 'cadre')", "known_source"),
        CheckConstraint("(source = 'department') = (source_record IS NOT NULL)", "departments_name_their_row"),
        CheckConstraint(whose, "fits_its_grain"),
        Index(f"uq_{table}_present_key", "fact_key", unique=True, postgresql_where=_PRESENT),
        Index(f"uq_{table}_present_id", "id", unique=True, postgresql_where=_PRESENT),
        Index(None, "region", "id", "version"),
        Index(None, "household_id"),
        *((Index(None, "person_id"),) if grain is FactGrain.PERSON else ()),
        *own,
    )
