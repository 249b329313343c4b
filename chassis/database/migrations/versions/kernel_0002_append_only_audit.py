"""The role that serves adds to the audit and reads it; it no longer changes or deletes what stands there."""

from __future__ import annotations

from alembic import op

from chassis.audit.rights import keep_append_only, let_rewrite

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keep_append_only(op.get_bind())


def downgrade() -> None:
    let_rewrite(op.get_bind())
