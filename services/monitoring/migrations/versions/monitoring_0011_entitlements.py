"""Policies as rules with terms, and what is due to whom by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0011"
down_revision = "monitoring_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "rule_version",
        sa.Column("policy", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.SmallInteger(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("tells_health", sa.Boolean(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_from", sa.Text(), nullable=True),
        sa.Column("received_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.Date(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'explained') <= (explanation IS NOT NULL)", name=op.f("ck_entitlement_explained_has_a_reason")
        ),
        sa.CheckConstraint("(state = 'over') = (ended_on IS NOT NULL)", name=op.f("ck_entitlement_over_has_a_day")),
        sa.CheckConstraint(
            "(state = 'received') <= (received_on IS NOT NULL)", name=op.f("ck_entitlement_received_has_a_day")
        ),
        sa.CheckConstraint(
            "state IN ('missing', 'received', 'explained', 'over')", name=op.f("ck_entitlement_known_state")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_entitlement_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_entitlement_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
    )
    op.create_index(
        op.f("ix_entitlement_department_state_state_since_id"),
        "entitlement",
        ["department", "state", "state_since", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_entitlement_household_id"), "entitlement", ["household_id"], unique=False)
    op.create_index(op.f("ix_entitlement_region_state"), "entitlement", ["region", "state"], unique=False)
    op.create_index(
        "uq_entitlement_standing",
        "entitlement",
        ["policy_id", "household_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'over'"),
        postgresql_nulls_not_distinct=True,
    )
    guard(op, "entitlement")


def downgrade() -> None:
    op.drop_table("entitlement")
    op.drop_column("rule_version", "policy")
