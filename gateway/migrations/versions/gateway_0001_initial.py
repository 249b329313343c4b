"""The first schema of the gateway."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard

revision = "gateway_0001"
down_revision = None
branch_labels = ("gateway",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard_checkpoint",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seals", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_heard_checkpoint")),
    )
    op.create_index(op.f("ix_heard_checkpoint_service_epoch_seals"), "heard_checkpoint", ["service", "epoch", "seals"])
    op.create_table(
        "todo_mark",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('clue')", name=op.f("ck_todo_mark_known_kind")),
        sa.CheckConstraint("severity IN ('H', 'M', 'L')", name=op.f("ck_todo_mark_known_severity")),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_todo_mark")),
    )
    op.create_index(
        op.f("ix_todo_mark_region_due_at_id"),
        "todo_mark",
        ["region", "due_at", "id"],
        postgresql_where=sa.text("is_open"),
    )
    guard(op, "todo_mark")


def downgrade() -> None:
    op.drop_table("todo_mark")
    op.drop_table("heard_checkpoint")
