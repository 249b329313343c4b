"""What guardianship lacks is a finding once for each person, whichever checks say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0034"
down_revision = "monitoring_0033"
branch_labels = None
depends_on = None

_INDEX = "uq_register_finding_guardianship"


def upgrade() -> None:
    op.create_index(
        _INDEX,
        "register_finding",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND register_code = 'guardianship'"),
    )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="register_finding")
