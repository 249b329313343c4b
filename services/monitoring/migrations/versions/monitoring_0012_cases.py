"""Cases with their history, verifications, meetings, public lists and objections; monitoring facts that cases write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import data_step, guard

revision = "monitoring_0012"
down_revision = "monitoring_0011"
branch_labels = None
depends_on = None

TABLES = (
    "case_meeting",
    "public_list",
    "monitoring_case",
    "case_objection",
    "case_step",
    "case_verification",
    "case_vote",
    "public_list_line",
)


def upgrade() -> None:
    op.create_table(
        "case_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("attendees", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("purpose IN ('entry', 'elimination')", name=op.f("ck_case_meeting_known_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_meeting")),
    )
    op.create_index(
        op.f("ix_case_meeting_region_held_on_id"), "case_meeting", ["region", "held_on", "id"], unique=False
    )
    op.create_table(
        "public_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shown_from", sa.Date(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("purpose IN ('entry', 'elimination')", name=op.f("ck_public_list_known_purpose")),
        sa.CheckConstraint("state IN ('shown', 'over', 'replaced')", name=op.f("ck_public_list_known_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list")),
    )
    op.create_index(op.f("ix_public_list_region_id"), "public_list", ["region", "id"], unique=False)
    op.create_table(
        "monitoring_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("day_0", sa.Date(), nullable=False),
        sa.Column("previous_case_id", sa.Uuid(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("plan", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("plan_source", sa.Text(), nullable=True),
        sa.Column("dues", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("returned_to", sa.Text(), nullable=True),
        sa.Column("step_count", sa.SmallInteger(), nullable=False),
        sa.Column("compared_on", sa.Date(), nullable=True),
        sa.Column("shock_verified", sa.Boolean(), nullable=False),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("disaster_kind", sa.Text(), nullable=True),
        sa.Column("risk_note", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("monitoring_type", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("line_fen", sa.BigInteger(), nullable=True),
        sa.Column("classification", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("help_person", sa.Text(), nullable=True),
        sa.Column("helped_from", sa.Date(), nullable=True),
        sa.Column("eliminated_on", sa.Date(), nullable=True),
        sa.Column("elimination_mode", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("origin IN ('clue', 'migrated')", name=op.f("ck_monitoring_case_known_origin")),
        sa.CheckConstraint(
            "state IN ('clue', 'dispatched', 'verified', 'not_confirmed', 'compared', 'village_reviewed', 'rejected_v', 'publicity', 'objected', 'passed', 'town_ok', 'returned_t', 'county_ok', 'returned_c', 'rejected_c', 'registered', 'measures_active', 'elim_proposed', 'elim_verified', 'elim_reviewed', 'elim_publicity', 'elim_town', 'elim_county', 'eliminated', 'follow_up', 'natural_end', 'declined', 'removed')",
            name=op.f("ck_monitoring_case_known_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned_t', 'returned_c') OR returned_to IS NOT NULL",
            name=op.f("ck_monitoring_case_return_names_a_state"),
        ),
        sa.CheckConstraint(
            "(step IS NULL) = (due_on IS NULL) AND (step IS NULL) = (holder IS NULL)",
            name=op.f("ck_monitoring_case_waits_whole"),
        ),
        sa.CheckConstraint(
            "monitoring_type IS NULL OR registered_on IS NOT NULL", name=op.f("ck_monitoring_case_type_is_registered")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_monitoring_case_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_case")),
    )
    op.create_index(op.f("ix_monitoring_case_household_id_id"), "monitoring_case", ["household_id", "id"], unique=False)
    op.create_index(
        op.f("ix_monitoring_case_region_state_id"), "monitoring_case", ["region", "state", "id"], unique=False
    )
    op.create_index(
        "ix_monitoring_case_waiting",
        "monitoring_case",
        ["region", "due_on", "id"],
        unique=False,
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
    op.create_index(
        "uq_monitoring_case_open",
        "monitoring_case",
        ["household_id"],
        unique=True,
        postgresql_where=sa.text(
            "state NOT IN ('not_confirmed', 'rejected_v', 'rejected_c', 'eliminated', 'follow_up', 'natural_end', 'declined', 'removed')"
        ),
    )
    op.create_table(
        "case_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'open') = (settled_by IS NULL)", name=op.f("ck_case_objection_settled_by_somebody")
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_case_objection_known_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_case_objection_case_id_monitoring_case")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["public_list.id"], name=op.f("fk_case_objection_list_id_public_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_objection")),
    )
    op.create_index(op.f("ix_case_objection_case_id_id"), "case_objection", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix_case_objection_region"), "case_objection", ["region"], unique=False)
    op.create_index(
        "uq_case_objection_open", "case_objection", ["case_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "case_step",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["case_id"], ["monitoring_case.id"], name=op.f("fk_case_step_case_id_monitoring_case")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_case_step")),
    )
    op.create_index(op.f("ix_case_step_region"), "case_step", ["region"], unique=False)
    op.create_table(
        "case_verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("helper", sa.Text(), nullable=True),
        sa.Column("first_subject", sa.Text(), nullable=False),
        sa.Column("second_subject", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("mode IN ('home', 'telephone', 'video')", name=op.f("ck_case_verification_known_mode")),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'not_confirmed', 'replaced')", name=op.f("ck_case_verification_known_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (second_subject IS NULL)", name=op.f("ck_case_verification_outcome_is_the_seconds")
        ),
        sa.CheckConstraint("second_subject <> first_subject", name=op.f("ck_case_verification_two_persons")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_case_verification_case_id_monitoring_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_verification")),
    )
    op.create_index(op.f("ix_case_verification_case_id_id"), "case_verification", ["case_id", "id"], unique=False)
    op.create_index(op.f("ix_case_verification_region"), "case_verification", ["region"], unique=False)
    op.create_table(
        "case_vote",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("in_favour", sa.SmallInteger(), nullable=False),
        sa.Column("against", sa.SmallInteger(), nullable=False),
        sa.Column("abstained", sa.SmallInteger(), nullable=False),
        sa.Column("recused", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('accepted', 'refused')", name=op.f("ck_case_vote_known_outcome")),
        sa.CheckConstraint("least(in_favour, against, abstained) >= 0", name=op.f("ck_case_vote_votes_not_negative")),
        sa.ForeignKeyConstraint(["case_id"], ["monitoring_case.id"], name=op.f("fk_case_vote_case_id_monitoring_case")),
        sa.ForeignKeyConstraint(["meeting_id"], ["case_meeting.id"], name=op.f("fk_case_vote_meeting_id_case_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", "case_id", name=op.f("pk_case_vote")),
    )
    op.create_index(op.f("ix_case_vote_case_id"), "case_vote", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_vote_region"), "case_vote", ["region"], unique=False)
    op.create_table(
        "public_list_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_public_list_line_case_id_monitoring_case")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["public_list.id"], name=op.f("fk_public_list_line_list_id_public_list")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list_line")),
    )
    op.create_index(op.f("ix_public_list_line_case_id"), "public_list_line", ["case_id"], unique=False)
    op.create_index(op.f("ix_public_list_line_list_id"), "public_list_line", ["list_id"], unique=False)
    op.create_index(op.f("ix_public_list_line_region"), "public_list_line", ["region"], unique=False)
    op.create_index(
        "uq_public_list_line_hanging",
        "public_list_line",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "ix_clue_case_id", "clue", ["case_id"], unique=False, postgresql_where=sa.text("case_id IS NOT NULL")
    )
    op.add_column("monitoring_fact", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("monitoring_fact", sa.Column("ended_as", sa.Text(), nullable=True))
    op.drop_constraint(op.f("ck_monitoring_fact_known_source"), "monitoring_fact")
    op.create_check_constraint(
        op.f("ck_monitoring_fact_known_source"), "monitoring_fact", "source IN ('national', 'case')"
    )
    op.create_check_constraint(
        op.f("ck_monitoring_fact_known_end"), "monitoring_fact", "ended_as IN ('removed', 'natural_end')"
    )
    op.create_check_constraint(
        op.f("ck_monitoring_fact_end_has_a_day"), "monitoring_fact", "(ended_as IS NULL) = (ended_on IS NULL)"
    )
    for table in TABLES:
        guard(op, table)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_monitoring_fact_end_has_a_day"), "monitoring_fact")
    op.drop_constraint(op.f("ck_monitoring_fact_known_end"), "monitoring_fact")
    op.drop_constraint(op.f("ck_monitoring_fact_known_source"), "monitoring_fact")
    with data_step(op):
        op.execute("DELETE FROM monitoring_fact WHERE source = 'case'")
        op.execute("UPDATE clue SET case_id = NULL WHERE case_id IS NOT NULL")
    op.create_check_constraint(op.f("ck_monitoring_fact_known_source"), "monitoring_fact", "source IN ('national')")
    op.drop_column("monitoring_fact", "ended_as")
    op.drop_column("monitoring_fact", "ended_on")
    op.drop_index("ix_clue_case_id", table_name="clue")
    for table in reversed(TABLES):
        op.drop_table(table)
