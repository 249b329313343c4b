"""Registers of earthquake retrofits and of aid to the rehabilitation of disabled children."""

from __future__ import annotations

from alembic import op

from services.monitoring.registers.ddl import day, money, number, register, text, yes_no

revision = "monitoring_0020"
down_revision = "monitoring_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    register(
        "register_quake_safety", [text("house_no"), yes_no("meets_code"), day("retrofitted_on")], {}, of_person=False
    )
    register(
        "register_rehabilitation_aid",
        [text("kind"), *money("due_fen", "received_fen"), number("payments")],
        {
            "known_kind": "kind = 'training'",
            "not_negative": "due_fen >= 0 AND received_fen >= 0 AND payments >= 0",
        },
        of_person=True,
    )


def downgrade() -> None:
    for table in ("register_rehabilitation_aid", "register_quake_safety"):
        op.drop_table(table)
