"""What was not kept: from when a visit counts, who let a mark end, when and why, and who paid a contribution."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.monitoring.registers.ddl import money, register, text

revision = "monitoring_0024"
down_revision = "monitoring_0023"
branch_labels = None
depends_on = None

_PAYERS = ("individual_fen", "government_fen", "collective_fen", "enterprise_fen", "society_fen")
_KINDS = "'basic_medical', 'house', 'industry', 'injury', 'liability', 'tuition'"
_ENDS = {"ended_by": sa.Text(), "ended_at": sa.DateTime(timezone=True), "end_reason": sa.Text()}


def upgrade() -> None:
    op.add_column("visit_due", sa.Column("meets_from", sa.Date(), nullable=True))
    for name, kind in _ENDS.items():
        op.add_column("attention", sa.Column(name, kind, nullable=True))
    register(
        "register_insurance_contribution",
        [text("insurance"), text("voucher_no"), *money("contribution_fen", *_PAYERS)],
        {
            "known_insurance": f"insurance IN ({_KINDS})",
            "not_negative": f"least(contribution_fen, {', '.join(_PAYERS)}) >= 0",
        },
        of_person=True,
    )


def downgrade() -> None:
    op.drop_table("register_insurance_contribution")
    for name in _ENDS:
        op.drop_column("attention", name)
    op.drop_column("visit_due", "meets_from")
