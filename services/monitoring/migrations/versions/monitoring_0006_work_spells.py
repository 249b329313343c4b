"""Spells of work, heard of from the employment service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard

revision = "monitoring_0006"
down_revision = "monitoring_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_spell",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("started_on IS NOT NULL OR ended_on IS NOT NULL", name=op.f("ck_work_spell_heard_of")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_work_spell_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_spell")),
    )
    op.create_index(op.f("ix_work_spell_person_id_started_on"), "work_spell", ["person_id", "started_on"], unique=False)
    op.create_index(op.f("ix_work_spell_region"), "work_spell", ["region"], unique=False)
    guard(op, "work_spell")


def downgrade() -> None:
    op.drop_table("work_spell")
