"""Create the tables of registers in revisions: all begin with the same columns.

Released revisions use it: it stays as it is. A revision that changes what all registers have says so itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.policies import guard_by_area

_PRESENT = sa.text("replaced_at IS NULL")
NOW = sa.text("clock_timestamp()")
INSTANT = sa.DateTime(timezone=True)


def money(*names: str) -> list[sa.Column[int]]:
    """Amounts in 分."""
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """A text, such as a code."""
    return sa.Column(name, sa.Text(), nullable=nullable)


def day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    """A date."""
    return sa.Column(name, sa.Date(), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=nullable)


def yes_no(name: str) -> sa.Column[bool]:
    """True or false."""
    return sa.Column(name, sa.Boolean(), nullable=False)


def register(table: str, own: list[sa.Column[object]], checks: dict[str, str], *, of_person: bool) -> None:
    """Create a register's table with the columns that all have, its own, and the policy by area."""
    rules = {
        "ends_after_it_begins": "holds_to IS NULL OR holds_to >= holds_from",
        "known_source": "source IN ('department', 'computed', 'officer', 'cadre')",
        "departments_name_their_row": "(source = 'department') = (source_record IS NOT NULL)",
        "fits_its_grain": "person_id IS NOT NULL" if of_person else "person_id IS NULL",
        **checks,
    }
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        text("fact_key"),
        day("holds_from", nullable=False),
        day("holds_to"),
        text("source"),
        sa.Column("county", sa.BigInteger(), nullable=False),
        sa.Column("source_record", sa.Uuid(), nullable=True),
        sa.Column("source_batch", sa.Uuid(), nullable=True),
        text("recorded_by"),
        text("reason", nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=NOW, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=True),
        *own,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f(f"fk_{table}_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"uq_{table}_present_key", table, ["fact_key"], unique=True, postgresql_where=_PRESENT)
    op.create_index(f"uq_{table}_present_id", table, ["id"], unique=True, postgresql_where=_PRESENT)
    op.create_index(op.f(f"ix_{table}_region_id_version"), table, ["region", "id", "version"])
    op.create_index(op.f(f"ix_{table}_household_id"), table, ["household_id"])
    if of_person:
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
    for statement in guard_by_area(table):
        op.execute(statement)
