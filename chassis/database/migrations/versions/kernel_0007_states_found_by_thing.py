"""A state that was seen is found by its thing first: consumer and type are the same for almost all there are."""

from __future__ import annotations

from alembic import op

revision = "kernel_0007"
down_revision = "kernel_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _key("subject", "type", "consumer")


def downgrade() -> None:
    _key("consumer", "type", "subject")


def _key(*columns: str) -> None:
    op.drop_constraint(op.f("pk_seen_version"), "seen_version", type_="primary")
    op.create_primary_key(op.f("pk_seen_version"), "seen_version", columns)
