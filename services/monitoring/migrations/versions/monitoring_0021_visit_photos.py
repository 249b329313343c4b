"""A photo that a visitor chose to take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0021"
down_revision = "monitoring_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("photo_file_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "photo_file_id")
