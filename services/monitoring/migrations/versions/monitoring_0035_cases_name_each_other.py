"""A case that a merger ended names the one that goes on, and that of a household that split off finds the one before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import data_step

revision = "monitoring_0035"
down_revision = "monitoring_0034"
branch_labels = None
depends_on = None

_CASE = "monitoring_case"
_MERGED = "ix_monitoring_case_merged"
_SPLIT_OFF = "ix_case_step_split_off"
_RULE = "merged_has_ended"


def upgrade() -> None:
    op.add_column(_CASE, sa.Column("merged_into", sa.Uuid(), nullable=True))
    with data_step(op):
        op.execute(
            """
            UPDATE monitoring_case AS own SET merged_into = CAST(step.details ->> 'into' AS uuid)
            FROM case_step AS step
            WHERE step.case_id = own.id AND step.number = own.step_count AND own.state = 'natural_end'
              AND step.reason = 'merged' AND step.details ->> 'into' IS NOT NULL
            """
        )
    op.create_check_constraint(op.f(f"ck_{_CASE}_{_RULE}"), _CASE, "merged_into IS NULL OR state = 'natural_end'")
    op.create_index(_MERGED, _CASE, ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL"))
    op.create_index(
        _SPLIT_OFF,
        "case_step",
        [sa.text("(details ->> 'split_off')")],
        postgresql_where=sa.text("action = 'change_household'"),
    )


def downgrade() -> None:
    op.drop_index(_SPLIT_OFF, table_name="case_step")
    op.drop_index(_MERGED, table_name=_CASE)
    op.drop_constraint(op.f(f"ck_{_CASE}_{_RULE}"), _CASE)
    op.drop_column(_CASE, "merged_into")
