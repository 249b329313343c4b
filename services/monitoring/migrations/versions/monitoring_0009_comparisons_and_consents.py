"""What a case rests on: consents, what departments were asked and said, interviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0009"
down_revision = "monitoring_0008"
branch_labels = None
depends_on = None

TABLES = ("consent", "comparison_request", "comparison_item", "interview")
_DOCUMENT = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _consents()
    _comparisons()
    _interviews()
    for table in TABLES:
        guard(op, table)


def _consents() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("purposes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("covers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("witness_name", sa.LargeBinary(), nullable=True),
        sa.Column("helper_name", sa.LargeBinary(), nullable=True),
        sa.Column("helper_relation", sa.Text(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('commitment', 'authorisation')", name=op.f("ck_consent_known_kind")),
        sa.CheckConstraint(
            "given_by IN ('paper', 'electronic', 'telephone', 'video')", name=op.f("ck_consent_known_way")
        ),
        sa.CheckConstraint("given_by <> 'paper' OR file_id IS NOT NULL", name=op.f("ck_consent_paper_has_its_sheet")),
        sa.CheckConstraint("signed_on <= expires_on", name=op.f("ck_consent_expires_after_it_was_signed")),
        sa.CheckConstraint(
            "cardinality(covers) > 0 AND cardinality(purposes) > 0",
            name=op.f("ck_consent_covers_somebody_for_something"),
        ),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_consent_withdrawal_has_a_reason")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_consent_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_household_id_id"), "consent", ["household_id", "id"], unique=False)
    op.create_index(
        op.f("ix_consent_case_id"),
        "consent",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )


def _comparisons() -> None:
    op.create_table(
        "comparison_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("persons", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", _DOCUMENT, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'not_answered', 'already_compared', 'closed')",
            name=op.f("ck_comparison_request_known_state"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (ended_by IS NULL)", name=op.f("ck_comparison_request_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "(state = 'already_compared') = (basis IS NOT NULL)",
            name=op.f("ck_comparison_request_compared_already_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_reason IS NOT NULL)",
            name=op.f("ck_comparison_request_closed_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_comparison_request_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_request")),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "uq_comparison_request_open",
        "comparison_request",
        ["case_id", "department"],
        unique=True,
        postgresql_where=still_open,
    )
    op.create_index(
        op.f("ix_comparison_request_case_id_department_id"),
        "comparison_request",
        ["case_id", "department", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_comparison_request_household_id_id"), "comparison_request", ["household_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_comparison_request_department_state_due_at_id"),
        "comparison_request",
        ["department", "state", "due_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_comparison_request_state_due_at_id"), "comparison_request", ["state", "due_at", "id"], unique=False
    )
    op.create_table(
        "comparison_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("known", _DOCUMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("given", _DOCUMENT, nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "result IN ('confirmed', 'differs', 'nothing_known')", name=op.f("ck_comparison_item_known_result")
        ),
        sa.CheckConstraint(
            "(record_id IS NULL) = (known IS NULL)", name=op.f("ck_comparison_item_known_from_a_record")
        ),
        sa.CheckConstraint(
            "(result = 'confirmed') IS NOT TRUE OR known IS NOT NULL",
            name=op.f("ck_comparison_item_confirms_what_was_shown"),
        ),
        sa.CheckConstraint(
            "given IS NULL OR result = 'differs'", name=op.f("ck_comparison_item_given_where_it_differs")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["comparison_request.id"], name=op.f("fk_comparison_item_request_id_comparison_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_item")),
    )
    op.create_index(
        op.f("ix_comparison_item_request_id_number"), "comparison_item", ["request_id", "number"], unique=False
    )


def _interviews() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("form_version", sa.SmallInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("present", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("others_present", sa.LargeBinary(), nullable=True),
        sa.Column("answers", _DOCUMENT, nullable=False),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=False),
        sa.Column("prefilled", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields_total", sa.SmallInteger(), nullable=False),
        sa.Column("fields_prefilled", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("countersigned_by", sa.Text(), nullable=True),
        sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('recorded', 'countersigned', 'withdrawn')", name=op.f("ck_interview_known_state")
        ),
        sa.CheckConstraint("mode IN ('home', 'telephone', 'video')", name=op.f("ck_interview_known_mode")),
        sa.CheckConstraint(
            "(state = 'countersigned') <= (countersigned_by IS NOT NULL)",
            name=op.f("ck_interview_countersigned_by_somebody"),
        ),
        sa.CheckConstraint("countersigned_by <> recorded_by", name=op.f("ck_interview_two_persons_sign")),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_interview_withdrawn_at_a_time")
        ),
        sa.CheckConstraint(
            "fields_prefilled BETWEEN 0 AND fields_total", name=op.f("ck_interview_prefilled_within_total")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_interview_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
    )
    op.create_index(op.f("ix_interview_household_id_id"), "interview", ["household_id", "id"], unique=False)
    op.create_index(
        op.f("ix_interview_case_id"),
        "interview",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_interview_region_form_held_on"), "interview", ["region", "form", "held_on"], unique=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
