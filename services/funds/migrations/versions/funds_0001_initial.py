"""The first schema of funds: the people that it knows."""

from __future__ import annotations

from alembic import op

from chassis.people.migrations import create_people, drop_people

revision = "funds_0001"
down_revision = None
branch_labels = ("funds",)
depends_on = None


def upgrade() -> None:
    create_people(op)


def downgrade() -> None:
    drop_people(op)
