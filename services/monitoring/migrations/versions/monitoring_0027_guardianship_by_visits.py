"""A visit's guardianship form is a check of guardianship: which visit said so, and whether it still does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import data_step

revision = "monitoring_0027"
down_revision = "monitoring_0025"
branch_labels = None
depends_on = None

_TABLE = "guardianship_check"
_CHECKS = {
    "known_state": "state IN ('recorded', 'withdrawn')",
    "a_visit_withdraws": "state = 'recorded' OR visit_id IS NOT NULL",
}


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("visit_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_guardianship_check_visit_id_visit"), _TABLE, "visit", ["visit_id"], ["id"])
    op.create_index(
        "ix_guardianship_check_visit", _TABLE, ["visit_id"], postgresql_where=sa.text("visit_id IS NOT NULL")
    )
    op.add_column(_TABLE, sa.Column("state", sa.Text(), nullable=False, server_default="recorded"))
    op.alter_column(_TABLE, "state", server_default=None)
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_guardianship_check_{name}"), _TABLE, rule)


def downgrade() -> None:
    with data_step(op):
        op.execute("DELETE FROM guardianship_check WHERE state = 'withdrawn'")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_guardianship_check_{name}"), _TABLE)
    op.drop_column(_TABLE, "state")
    op.drop_index("ix_guardianship_check_visit", table_name=_TABLE)
    op.drop_constraint(op.f("fk_guardianship_check_visit_id_visit"), _TABLE)
    op.drop_column(_TABLE, "visit_id")
