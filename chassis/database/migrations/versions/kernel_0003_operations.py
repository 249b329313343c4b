"""What became of operations that phones handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("made_version", sa.BigInteger(), nullable=True),
        sa.Column("row", sa.Uuid(), nullable=False),
        sa.Column("body_digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("subject", "op_id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_time"), "operation", ["time"])


def downgrade() -> None:
    op.drop_index(op.f("ix_operation_time"), table_name="operation")
    op.drop_table("operation")
