"""Statistics that were handed out; whether a household was written since an instant is asked of a narrow index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0007"
down_revision = "monitoring_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_statistic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("query_version", sa.SmallInteger(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_statistic")),
    )
    op.create_index(op.f("ix_published_statistic_region_id"), "published_statistic", ["region", "id"], unique=False)
    guard(op, "published_statistic")
    op.create_index(
        "ix_household_recorded_at",
        "household",
        ["recorded_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 16, "autosummarize": True},
    )


def downgrade() -> None:
    op.drop_index("ix_household_recorded_at", table_name="household")
    op.drop_table("published_statistic")
