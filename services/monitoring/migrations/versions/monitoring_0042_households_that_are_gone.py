"""Cases of households of which nobody is left are found, so that the county can be told to end them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0042"
down_revision = "monitoring_0041"
branch_labels = None
depends_on = None

_INDEX = "ix_household_gone"


def upgrade() -> None:
    op.create_index(
        _INDEX,
        "household",
        ["region", "valid_from", "id"],
        postgresql_where=sa.text("state IN ('dissolved', 'moved_out')"),
    )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="household")
