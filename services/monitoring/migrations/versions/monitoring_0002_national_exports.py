"""The national system's exports: what they said, the dated facts of monitoring, the measures taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0002"
down_revision = "monitoring_0001"
branch_labels = None
depends_on = None

TABLES = (
    "monitoring_fact",
    "imported_measure",
    "national_export",
    "national_household",
    "national_person",
    "national_difference",
)


def upgrade() -> None:
    op.create_table(
        "monitoring_fact",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("monitoring_type", sa.Text(), nullable=False),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("disaster_kind", sa.Text(), nullable=True),
        sa.Column("risk_note", sa.Text(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("eliminated_on", sa.Date(), nullable=True),
        sa.Column("elimination_mode", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("monitoring_type IN ('1', '2', '3')", name=op.f("ck_monitoring_fact_known_type")),
        sa.CheckConstraint("source IN ('national')", name=op.f("ck_monitoring_fact_known_source")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_monitoring_fact_household_id_household")
        ),
        sa.PrimaryKeyConstraint("household_id", "number", name=op.f("pk_monitoring_fact")),
    )
    op.create_index(op.f("ix_monitoring_fact_region"), "monitoring_fact", ["region"], unique=False)
    op.create_table(
        "imported_measure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('in_force', 'replaced')", name=op.f("ck_imported_measure_known_state")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_imported_measure_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_imported_measure_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_measure")),
    )
    in_force = sa.text("state = 'in_force'")
    op.create_index(
        "uq_imported_measure_in_force",
        "imported_measure",
        ["household_id", "kind", "started_on"],
        unique=True,
        postgresql_where=in_force,
    )
    op.create_index(
        op.f("ix_imported_measure_region_kind"),
        "imported_measure",
        ["region", "kind"],
        unique=False,
        postgresql_where=in_force,
    )
    op.create_table(
        "national_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("exported_on", sa.Date(), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("contract_version", sa.SmallInteger(), nullable=False),
        sa.Column(
            "mapping", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("unread", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("refusal", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("compared", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("covers IN ('all', 'lifted', 'monitored')", name=op.f("ck_national_export_known_coverage")),
        sa.CheckConstraint(
            "state IN ('received', 'read', 'refused', 'replaced')", name=op.f("ck_national_export_known_state")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_national_export_refusal_has_a_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_export")),
    )
    op.create_index(op.f("ix_national_export_region_id"), "national_export", ["region", "id"], unique=False)
    op.create_index(
        "uq_national_export_read",
        "national_export",
        ["region", "covers"],
        unique=True,
        postgresql_where=sa.text("state = 'read'"),
    )
    op.create_table(
        "national_household",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("national_no", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("is_lifted", sa.Boolean(), nullable=True),
        sa.Column("monitoring_type", sa.Text(), nullable=True),
        sa.Column("risks", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("eliminated_on", sa.Date(), nullable=True),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["national_export.id"],
            name=op.f("fk_national_household_export_id_national_export"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "national_no", name=op.f("pk_national_household")),
    )
    op.create_index(
        op.f("ix_national_household_export_id_region"), "national_household", ["export_id", "region"], unique=False
    )
    op.create_table(
        "national_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("household_no", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("national_no", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(collation="C"), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("identity_indexes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id", "household_no"],
            ["national_household.export_id", "national_household.national_no"],
            name="fk_national_person_household",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_person")),
    )
    op.create_index(
        op.f("ix_national_person_export_id_region"), "national_person", ["export_id", "region"], unique=False
    )
    op.create_index(
        op.f("ix_national_person_export_id_household_no"),
        "national_person",
        ["export_id", "household_no"],
        unique=False,
    )
    op.create_table(
        "national_difference",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("region_there", sa.BigInteger(), nullable=True),
        sa.Column("region_here", sa.BigInteger(), nullable=True),
        sa.Column("national_no", sa.Text(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("household_no", sa.Text(), nullable=True),
        sa.Column("members_there", sa.BigInteger(), nullable=True),
        sa.Column("members_here", sa.BigInteger(), nullable=True),
        sa.Column("was_refused", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("grain IN ('household', 'person')", name=op.f("ck_national_difference_known_grain")),
        sa.CheckConstraint(
            "kind IN ('there_only', 'here_only', 'differing')", name=op.f("ck_national_difference_known_kind")
        ),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["national_export.id"],
            name=op.f("fk_national_difference_export_id_national_export"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "grain", "kind", "key", name=op.f("pk_national_difference")),
    )
    for table in TABLES:
        guard(op, table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
