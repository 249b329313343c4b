"""A household that joined another one is monitored there: its own facts end as merged."""

from __future__ import annotations

from alembic import op

from chassis.database.migrate import data_step

revision = "monitoring_0018"
down_revision = "monitoring_0017"
branch_labels = None
depends_on = None

_NAME = "ck_monitoring_fact_known_end"


def upgrade() -> None:
    op.drop_constraint(op.f(_NAME), "monitoring_fact")
    op.create_check_constraint(op.f(_NAME), "monitoring_fact", "ended_as IN ('removed', 'natural_end', 'merged')")


def downgrade() -> None:
    with data_step(op):
        op.execute("UPDATE monitoring_fact SET ended_as = 'removed' WHERE ended_as = 'merged'")
    op.drop_constraint(op.f(_NAME), "monitoring_fact")
    op.create_check_constraint(op.f(_NAME), "monitoring_fact", "ended_as IN ('removed', 'natural_end')")
