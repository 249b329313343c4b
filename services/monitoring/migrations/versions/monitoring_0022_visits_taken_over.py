"""From which export a visit was taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0022"
down_revision = "monitoring_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("source_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "source_id")
