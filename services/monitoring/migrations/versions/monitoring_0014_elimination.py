"""The way out of a case: its mode, figures and signature, and what its verifications are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import data_step, guard

revision = "monitoring_0014"
down_revision = "monitoring_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitoring_case", sa.Column("elimination_reason", sa.Text(), nullable=True))
    op.add_column("monitoring_case", sa.Column("elimination_compared_on", sa.Date(), nullable=True))
    figures = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.add_column("monitoring_case", sa.Column("elimination", figures, nullable=True))
    op.add_column(
        "case_verification", sa.Column("purpose", sa.Text(), server_default=sa.text("'entry'"), nullable=False)
    )
    op.add_column("case_verification", sa.Column("interview_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_case_verification_known_purpose"), "case_verification", "purpose IN ('entry', 'elimination')"
    )
    op.create_table(
        "case_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("helper", sa.Text(), nullable=True),
        sa.Column("witness", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "purpose IN ('entry', 'decline', 'elimination')", name=op.f("ck_case_signature_known_purpose")
        ),
        sa.CheckConstraint(
            "given_by IN ('paper', 'electronic', 'telephone', 'video')", name=op.f("ck_case_signature_known_way")
        ),
        sa.CheckConstraint(
            "given_by <> 'paper' OR file_id IS NOT NULL", name=op.f("ck_case_signature_paper_has_its_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_case_signature_case_id_monitoring_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_signature")),
    )
    op.create_index(op.f("ix_case_signature_case_id_id"), "case_signature", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix_case_signature_region"), "case_signature", ["region"], unique=False)
    guard(op, "case_signature")


def downgrade() -> None:
    op.drop_table("case_signature")
    with data_step(op):
        op.execute("DELETE FROM case_verification WHERE purpose = 'elimination'")
    op.drop_constraint(op.f("ck_case_verification_known_purpose"), "case_verification")
    op.drop_column("case_verification", "interview_id")
    op.drop_column("case_verification", "purpose")
    for name in ("elimination", "elimination_compared_on", "elimination_reason"):
        op.drop_column("monitoring_case", name)
