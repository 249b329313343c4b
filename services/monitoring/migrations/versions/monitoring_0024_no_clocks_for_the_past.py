"""A visit due to a household that was taken over counts from that day; earlier visits may still have met it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0024"
down_revision = "monitoring_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit_due", sa.Column("meets_from", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit_due", "meets_from")
