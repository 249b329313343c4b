"""Helpers paired with households, visits with what they met and what is due, people who need attention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0010"
down_revision = "monitoring_0009"
branch_labels = None
depends_on = None

TABLES = (
    "helper",
    "pairing",
    "visit",
    "visit_history",
    "visit_met",
    "visit_due",
    "attention",
    "guardianship_check",
    "carer",
)
GUARDED = TABLES[1:]
"""A helper is reference data of a division: a village reads whom its county sent."""


def upgrade() -> None:
    op.create_table(
        "helper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("(kind = 'officer') = (officer_id IS NOT NULL)", name=op.f("ck_helper_officer_is_named")),
        sa.CheckConstraint("kind IN ('officer', 'person', 'unit')", name=op.f("ck_helper_known_kind")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_helper_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    op.create_index(op.f("ix_helper_scope_id"), "helper", ["scope", "id"], unique=False)
    op.create_index(
        "uq_helper_officer", "helper", ["officer_id"], unique=True, postgresql_where=sa.text("officer_id IS NOT NULL")
    )
    op.create_table(
        "pairing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        postgresql.ExcludeConstraint(
            (
                sa.literal_column(
                    "numrange(uuid_hash_extended(household_id, 0)::numeric, uuid_hash_extended(household_id, 0)::numeric, '[]')"
                ),
                "&&",
            ),
            (sa.literal_column("daterange(starts_on, ends_on, '[]')"), "&&"),
            where=sa.text("is_main AND state = 'active'"),
            using="gist",
            name="ex_pairing_one_main_at_a_time",
        ),
        sa.CheckConstraint("state = 'cancelled' OR ends_on >= starts_on", name=op.f("ck_pairing_term_in_order")),
        sa.CheckConstraint("state IN ('active', 'cancelled')", name=op.f("ck_pairing_known_state")),
        sa.ForeignKeyConstraint(["helper_id"], ["helper.id"], name=op.f("fk_pairing_helper_id_helper")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_pairing_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
    )
    op.create_index(op.f("ix_pairing_helper_id_household_id"), "pairing", ["helper_id", "household_id"], unique=False)
    op.create_index(op.f("ix_pairing_household_id_starts_on"), "pairing", ["household_id", "starts_on"], unique=False)
    op.create_index(op.f("ix_pairing_region"), "pairing", ["region"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("forms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("(state = 'voided') = (void_reason IS NOT NULL)", name=op.f("ck_visit_voided_has_a_reason")),
        sa.CheckConstraint("state IN ('recorded', 'voided')", name=op.f("ck_visit_known_state")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_visit_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(
        op.f("ix_visit_household_id_visited_on_id"), "visit", ["household_id", "visited_on", "id"], unique=False
    )
    op.create_index(op.f("ix_visit_region_visited_on"), "visit", ["region", "visited_on"], unique=False)
    op.create_table(
        "visit_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column(
            "replaced_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_visit_history")),
    )
    op.create_index(op.f("ix_visit_history_region_id"), "visit_history", ["region", "id"], unique=False)
    op.create_table(
        "visit_met",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_met_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "subject_id", "reason", name=op.f("pk_visit_met")),
    )
    op.create_index(op.f("ix_visit_met_region"), "visit_met", ["region"], unique=False)
    op.create_index(
        op.f("ix_visit_met_subject_id_reason_visited_on"),
        "visit_met",
        ["subject_id", "reason", "visited_on"],
        unique=False,
    )
    op.create_table(
        "visit_due",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("last_visited_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_visit_due_household_id_household")),
        sa.PrimaryKeyConstraint("household_id", "reason", "subject_id", name=op.f("pk_visit_due")),
    )
    op.create_index(
        op.f("ix_visit_due_due_on_household_id_reason_subject_id"),
        "visit_due",
        ["due_on", "household_id", "reason", "subject_id"],
        unique=False,
    )
    op.create_index(op.f("ix_visit_due_region_due_on"), "visit_due", ["region", "due_on"], unique=False)
    op.create_table(
        "attention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("ck_attention_known_state")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_attention_term_in_order")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_attention_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attention_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention")),
    )
    op.create_index(op.f("ix_attention_household_id"), "attention", ["household_id"], unique=False)
    op.create_index(op.f("ix_attention_region_kind_id"), "attention", ["region", "kind", "id"], unique=False)
    op.create_index(
        "uq_attention_open",
        "attention",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'active' AND ends_on IS NULL"),
    )
    op.create_table(
        "guardianship_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("guardian", sa.Text(), nullable=True),
        sa.Column("is_adequate", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_guardianship_check_household_id_household")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guardianship_check_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship_check")),
    )
    op.create_index(op.f("ix_guardianship_check_household_id"), "guardianship_check", ["household_id"], unique=False)
    op.create_index(
        op.f("ix_guardianship_check_person_id_checked_on"),
        "guardianship_check",
        ["person_id", "checked_on"],
        unique=False,
    )
    op.create_index(op.f("ix_guardianship_check_region"), "guardianship_check", ["region"], unique=False)
    op.create_table(
        "carer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_carer_term_in_order")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_carer_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_carer_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carer")),
    )
    op.create_index(op.f("ix_carer_household_id"), "carer", ["household_id"], unique=False)
    op.create_index(op.f("ix_carer_region"), "carer", ["region"], unique=False)
    op.create_index(
        "uq_carer_open", "carer", ["person_id", "kind"], unique=True, postgresql_where=sa.text("ends_on IS NULL")
    )
    for table in GUARDED:
        guard(op, table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
