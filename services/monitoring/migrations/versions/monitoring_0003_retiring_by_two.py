"""A rule is retired by two persons: who asked first is kept beside who did it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0003"
down_revision = "monitoring_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule_version", sa.Column("retirement_asked_by", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_rule_version_two_persons_retire"), "rule_version", "retired_by <> retirement_asked_by"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_rule_version_two_persons_retire"), "rule_version")
    op.drop_column("rule_version", "retirement_asked_by")
