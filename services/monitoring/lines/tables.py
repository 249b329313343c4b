"""Rows that a monitoring line is made of. Reference data of a level above too, so no policy by area hides a row."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, Text, literal_column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class LineRow(Table, table=True):
    """监测线数据: an amount, a county's income or its use of the 60 % rule, for one division between two days.

    ``scope`` is the division, not named region: a county reads what its province set. Rows hold once a second person
    has confirmed them; ``ended_by`` is the row whose confirmation ended this one.
    """

    __tablename__: ClassVar[Any] = "line_row"
    __table_args__ = (
        CheckConstraint("kind IN ('base_line', 'county_income', 'rule_60')", "known_kind"),
        CheckConstraint("state IN ('proposed', 'active', 'withdrawn')", "known_state"),
        CheckConstraint("valid_to >= valid_from", "period_in_order"),
        CheckConstraint("confirmed_by <> proposed_by", "two_persons"),
        CheckConstraint("state <> 'active' OR confirmed_by IS NOT NULL", "active_is_confirmed"),
        CheckConstraint(
            "CASE kind WHEN 'base_line' THEN num_nonnulls(amount_fen) = 1 AND num_nulls(year, mode, percent) = 3"
            " WHEN 'county_income' THEN num_nonnulls(amount_fen, year) = 2 AND num_nulls(mode, percent) = 2"
            " ELSE num_nonnulls(mode, percent) = 2 AND num_nulls(amount_fen, year) = 2 END",
            "fields_of_kind",
        ),
        # GiST knows ranges without an extension, and a range of one point is equal to another where they overlap.
        ExcludeConstraint(
            (literal_column("numrange(scope, scope, '[]')"), "&&"),
            (
                literal_column(
                    "numrange(hashtextextended(kind, 0)::numeric, hashtextextended(kind, 0)::numeric, '[]')"
                ),
                "&&",
            ),
            (literal_column("daterange(valid_from, valid_to, '[]')"), "&&"),
            name="ex_line_row_one_at_a_time",
            using="gist",
            where=text("state = 'active'"),
        ),
        Index(None, "scope", "kind", "valid_from", "id"),
    )

    id: UUID = Field(primary_key=True)
    scope: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    amount_fen: int | None = Field(None, sa_type=BigInteger)
    year: int | None = Field(None, sa_type=SmallInteger)
    mode: str | None = Field(None, sa_type=Text)
    percent: int | None = Field(None, sa_type=SmallInteger)
    valid_from: date
    valid_to: date | None = None
    source: str = Field(sa_type=Text)
    state: str = Field("proposed", sa_type=Text)
    proposed_by: str = Field(sa_type=Text)
    confirmed_by: str | None = Field(None, sa_type=Text)
    withdrawn_by: str | None = Field(None, sa_type=Text)
    ended_by: UUID | None = None
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())
