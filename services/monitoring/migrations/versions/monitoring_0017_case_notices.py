"""How a household was told that its case came to nothing; refusals of before say when, in their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard

revision = "monitoring_0017"
down_revision = "monitoring_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("told_how", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "told_how IN ('in_person', 'telephone', 'written', 'message')", name=op.f("ck_case_notice_known_way")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_case_notice_case_id_monitoring_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice")),
    )
    op.create_index(op.f("ix_case_notice_case_id_id"), "case_notice", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix_case_notice_region"), "case_notice", ["region"], unique=False)
    guard(op, "case_notice")


def downgrade() -> None:
    op.drop_table("case_notice")
