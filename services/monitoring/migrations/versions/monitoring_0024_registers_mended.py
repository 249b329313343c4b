"""What monitoring's registers did not keep: from when a visit counts, and who let a mark end, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0024"
down_revision = "monitoring_0022"
branch_labels = None
depends_on = None

_ENDS = {"ended_by": sa.Text(), "ended_at": sa.DateTime(timezone=True), "end_reason": sa.Text()}


def upgrade() -> None:
    op.add_column("visit_due", sa.Column("meets_from", sa.Date(), nullable=True))
    for name, kind in _ENDS.items():
        op.add_column("attention", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in _ENDS:
        op.drop_column("attention", name)
    op.drop_column("visit_due", "meets_from")
