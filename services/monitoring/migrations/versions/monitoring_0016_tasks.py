"""Indexes along which to-do lists are read: what waits, in the order of its due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0016"
down_revision = "monitoring_0015"
branch_labels = None
depends_on = None

_DAY = "timezone('Asia/Shanghai', due_at)::date"
_WAITING = (
    (
        "ix_clue_waiting",
        "clue",
        (sa.text("(region / 1000000)"), sa.text(f"COALESCE({_DAY}, '9999-12-31'::date)"), "id"),
        "state = 'open'",
    ),
    ("ix_self_report_waiting", "self_report", ("region", "received_on", "id"), "state = 'waiting'"),
    ("ix_monitoring_case_to_help", "monitoring_case", ("region", "registered_on", "id"), "state = 'registered'"),
    ("ix_case_step_sent", "case_step", ("region", "on_day"), "action = 'dispatch'"),
    (
        "ix_comparison_request_waiting",
        "comparison_request",
        ("department", sa.text(f"({_DAY})"), "id"),
        "state = 'open'",
    ),
    ("ix_interview_waiting", "interview", ("region", "held_on", "id"), "state = 'recorded'"),
    ("ix_transfer_waiting", "transfer", ("to_region", "effective_on", "id"), "state = 'open'"),
    ("ix_clash_task_waiting", "clash_task", ("region", "found_on", "id"), "state = 'open'"),
    ("ix_finding_waiting", "finding", ("region", "found_on", "id"), "state = 'open'"),
    ("ix_consent_standing", "consent", ("region", "expires_on", "id"), "withdrawn_on IS NULL"),
    ("ix_register_finding_waiting", "register_finding", ("duty", "found_on", "id"), "state = 'open'"),
)
_VISITS = "ix_visit_due_region_due_on"


def upgrade() -> None:
    for name, table, columns, where in _WAITING:
        op.create_index(name, table, list(columns), postgresql_where=sa.text(where))
    op.create_index(f"{_VISITS}_household_id", "visit_due", ["region", "due_on", "household_id"])
    op.drop_index(_VISITS, "visit_due")


def downgrade() -> None:
    op.create_index(_VISITS, "visit_due", ["region", "due_on"])
    op.drop_index(f"{_VISITS}_household_id", "visit_due")
    for name, table, _columns, _where in reversed(_WAITING):
        op.drop_index(name, table)
