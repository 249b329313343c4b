"""The first schema of employment: the people that it knows."""

from __future__ import annotations

from alembic import op

from chassis.people.migrations import create_people, drop_people

revision = "employment_0001"
down_revision = None
branch_labels = ("employment",)
depends_on = None


def upgrade() -> None:
    create_people(op)


def downgrade() -> None:
    drop_people(op)
