"""Who serves as a soldier is insured by the forces: R05 does not miss them among the insured."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0005"
down_revision = "monitoring_0004"
branch_labels = None
depends_on = None

_EVERYWHERE = "SELECT set_config('app.area_lo', '0', true), set_config('app.area_hi', '999999999999', true)"


def upgrade() -> None:
    op.add_column("person", sa.Column("is_soldier", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(_EVERYWHERE)
    op.execute("UPDATE person_history SET document = document || '{\"is_soldier\": false}'")


def downgrade() -> None:
    op.execute(_EVERYWHERE)
    op.execute("UPDATE person_history SET document = document - 'is_soldier'")
    op.drop_column("person", "is_soldier")
