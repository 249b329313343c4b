"""Checks of the guarantees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard

revision = "monitoring_0006"
down_revision = "monitoring_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guarantee_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("evidence_file_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "item IN ('food', 'clothing', 'compulsory_education', 'basic_medical', 'housing', 'water')",
            name=op.f("ck_guarantee_check_known_item"),
        ),
        sa.CheckConstraint("answer IN ('yes', 'no', 'not_applicable')", name=op.f("ck_guarantee_check_known_answer")),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("ck_guarantee_check_known_state")),
        sa.CheckConstraint(
            "answer = 'yes' OR num_nonnulls(evidence, evidence_file_id, record_id) > 0",
            name=op.f("ck_guarantee_check_exception_has_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_guarantee_check_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantee_check")),
    )
    op.create_index(
        op.f("ix_guarantee_check_household_id_item_checked_on"),
        "guarantee_check",
        ["household_id", "item", "checked_on"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        op.f("ix_guarantee_check_household_id_checked_on_id"),
        "guarantee_check",
        ["household_id", "checked_on", "id"],
        unique=False,
    )
    guard(op, "guarantee_check")


def downgrade() -> None:
    op.drop_table("guarantee_check")
