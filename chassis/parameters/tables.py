"""政策参数: one row for each value, area and period."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from chassis.database.metadata import kernel

parameter = Table(
    "parameter",
    kernel,
    Column("id", Uuid, primary_key=True),
    # Not named region: a county reads what its province and the nation set, so no policy by area hides rows here.
    Column("scope", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("value", JSONB, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("ended_by", Uuid),
    Column("ended_at", DateTime(timezone=True)),
    Column("withdrawal_asked_by", Text),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("state IN ('proposed', 'active', 'withdrawn')", "known_state"),
    CheckConstraint("effective_to >= effective_from", "period_in_order"),
    CheckConstraint("approved_by <> proposed_by", "two_persons_set"),
    CheckConstraint("approved_at IS NULL OR withdrawn_by <> withdrawal_asked_by", "two_persons_withdraw"),
    CheckConstraint("state <> 'active' OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)", "active_is_approved"),
    CheckConstraint("scope = 0 OR scope BETWEEN 100000000000 AND 999999999999", "scope_is_a_division"),
    # GiST knows ranges without an extension, and a range of one point is equal to another where they overlap.
    ExcludeConstraint(
        (literal_column("numrange(scope, scope, '[]')"), "&&"),
        (
            literal_column("numrange(hashtextextended(key, 0)::numeric, hashtextextended(key, 0)::numeric, '[]')"),
            "&&",
        ),
        (literal_column("daterange(effective_from, effective_to, '[]')"), "&&"),
        name="ex_parameter_one_value_at_a_time",
        using="gist",
        where=text("state = 'active'"),
    ),
    Index(None, "key", "effective_from", "id"),
    Index(None, "scope", "key"),
)
"""``scope``: code of the division that the value holds in, 0 for the nation. ``effective_to``: last day, or none.

``ended_by`` is the row whose approval ended this one; should that be withdrawn, this one holds on as before.
"""

parameter_revision = Table(
    "parameter_revision",
    kernel,
    Column("id", BigInteger, primary_key=True, autoincrement=False, server_default=text("1")),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", "one_row"),
)
"""Rises with every change of an active value, so that caches know when to read again."""
