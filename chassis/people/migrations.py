"""Make the projection's tables in a service's migration.

What stands here is history and never changes: a later change of the projection is a further pair of functions, called
from a new revision of each service that keeps it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from chassis.database.migrate import guard

_FIRST = ("known_household", "known_number", "known_person", "known_region")


def create_people(op: Operations) -> None:
    """The first schema of the projection."""
    op.create_table(
        "known_household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("registration_region", sa.BigInteger(), nullable=False),
        sa.Column("is_lifted", sa.Boolean(), nullable=False),
        sa.Column("monitoring_type", sa.Text(), nullable=True),
        sa.Column("member_count", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_household")),
    )
    op.create_index(op.f("ix_known_household_region_id"), "known_household", ["region", "id"])
    op.create_table(
        "known_number",
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blind_index", "person_id", name=op.f("pk_known_number")),
    )
    op.create_index(op.f("ix_known_number_person_id"), "known_number", ["person_id"])
    op.create_table(
        "known_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("labour_skill", sa.Text(), nullable=True),
        sa.Column("is_lifted", sa.Boolean(), nullable=False),
        sa.Column("monitoring_type", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_person")),
    )
    op.create_index(op.f("ix_known_person_region_id"), "known_person", ["region", "id"])
    op.create_index(op.f("ix_known_person_household_id"), "known_person", ["household_id"])
    op.create_table(
        "known_region",
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_known_region")),
    )
    op.create_index(op.f("ix_known_region_parent_code"), "known_region", ["parent", "code"])
    for table in ("known_household", "known_number", "known_person"):
        guard(op, table)


def drop_people(op: Operations) -> None:
    """Undo :func:`create_people`; a replay from the first event fills the tables again."""
    for table in _FIRST:
        op.drop_table(table)
