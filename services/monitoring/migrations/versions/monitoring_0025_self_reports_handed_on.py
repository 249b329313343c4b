"""Why a self-report is of nobody here, who decided it and when, and which division handed it on.

Reasons of before stand in notes alone, and so do those of a program that runs while this is deployed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "monitoring_0025"
down_revision = "monitoring_0024"
branch_labels = None
depends_on = None

_COLUMNS = {
    "refusal_reason": sa.Text(),
    "decided_on": sa.Date(),
    "decided_by": sa.Text(),
    "handed_from": sa.BigInteger(),
}
_REASON = "refusal_reason IS NULL OR state = 'not_ours'"


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("self_report", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(op.f("ck_self_report_reason_of_a_refusal"), "self_report", _REASON)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_self_report_reason_of_a_refusal"), "self_report")
    for name in _COLUMNS:
        op.drop_column("self_report", name)
