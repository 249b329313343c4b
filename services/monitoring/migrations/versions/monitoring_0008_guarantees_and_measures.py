"""Checks of the guarantees, and measures that are recorded here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0008"
down_revision = "monitoring_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guarantee_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("evidence_file_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "item IN ('food', 'clothing', 'compulsory_education', 'basic_medical', 'housing', 'water')",
            name=op.f("ck_guarantee_check_known_item"),
        ),
        sa.CheckConstraint("answer IN ('yes', 'no', 'not_applicable')", name=op.f("ck_guarantee_check_known_answer")),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("ck_guarantee_check_known_state")),
        sa.CheckConstraint(
            "answer = 'yes' OR num_nonnulls(evidence, evidence_file_id, record_id) > 0",
            name=op.f("ck_guarantee_check_exception_has_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_guarantee_check_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantee_check")),
    )
    op.create_index(
        op.f("ix_guarantee_check_household_id_item_checked_on"),
        "guarantee_check",
        ["household_id", "item", "checked_on"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        op.f("ix_guarantee_check_household_id_checked_on_id"),
        "guarantee_check",
        ["household_id", "checked_on", "id"],
        unique=False,
    )
    guard(op, "guarantee_check")
    _measures()


def _measures() -> None:
    recorded = sa.text("clock_timestamp()")
    op.create_table(
        "measure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column(
            "terms", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("timing", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("planned_end_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("end_note", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("funding_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_file_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=recorded, nullable=False),
        sa.CheckConstraint("state IN ('running', 'ended', 'withdrawn')", name=op.f("ck_measure_known_state")),
        sa.CheckConstraint("timing IN ('preventive', 'after_event')", name=op.f("ck_measure_known_timing")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_measure_amount_not_negative")),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_measure_ends_after_it_starts")),
        sa.CheckConstraint(
            "state <> 'ended' OR num_nulls(ended_on, end_reason) = 0", name=op.f("ck_measure_end_has_day_and_reason")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_measure_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_measure_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
    )
    op.create_index(
        op.f("ix_measure_household_id_started_on_id"), "measure", ["household_id", "started_on", "id"], unique=False
    )
    for column in ("person_id", "case_id"):
        op.create_index(
            op.f(f"ix_measure_{column}"),
            "measure",
            [column],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    guard(op, "measure")
    op.create_table(
        "measure_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), server_default=recorded, nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_measure_history")),
    )
    op.create_index(op.f("ix_measure_history_region_id"), "measure_history", ["region", "id"], unique=False)
    guard(op, "measure_history")


def downgrade() -> None:
    op.drop_table("measure_history")
    op.drop_table("measure")
    op.drop_table("guarantee_check")
