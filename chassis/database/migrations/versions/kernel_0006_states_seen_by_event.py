"""What is seen of a full-state aggregate names the event that told it, so that such events need no row in the inbox."""

from __future__ import annotations

from alembic import op

revision = "kernel_0006"
down_revision = "kernel_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nobody knows which event told what was seen before. None has this id: told again, that state is kept once more.
    op.execute(
        "ALTER TABLE seen_version ADD COLUMN event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'"
    )
    op.execute("ALTER TABLE seen_version ALTER COLUMN event_id DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE seen_version DROP COLUMN event_id")
