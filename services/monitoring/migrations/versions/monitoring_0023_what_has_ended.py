"""A registration that ended naturally is over when its household comes back; a dismissed applicant is told so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import data_step, guard

revision = "monitoring_0023"
down_revision = "monitoring_0022"
branch_labels = None
depends_on = None

# What the facts say last of a household: its registration ended with it.
_ENDED = """
    SELECT DISTINCT ON (household_id) * FROM monitoring_fact ORDER BY household_id, number DESC
"""
_KEEP = f"""
    UPDATE household SET ended_monitoring = jsonb_build_object(
               'monitoring_type', last.monitoring_type, 'risks', to_jsonb(last.risks),
               'registered_on', last.registered_on, 'ended_on', last.ended_on),
           monitoring_type = NULL, risks = '{{}}', registered_on = NULL
    FROM ({_ENDED}) AS last WHERE last.household_id = household.id AND last.ended_as = 'natural_end'
"""  # noqa: S608
_SHOW = """
    UPDATE household SET monitoring_type = ended.monitoring_type, risks = ended.risks,
                         registered_on = ended.registered_on
    FROM household AS own
    CROSS JOIN LATERAL jsonb_to_record(own.ended_monitoring) AS ended(monitoring_type text, risks text[],
                                                                      registered_on date)
    WHERE own.id = household.id AND household.ended_monitoring IS NOT NULL
"""


def upgrade() -> None:
    op.add_column(
        "household", sa.Column("ended_monitoring", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()))
    )
    op.create_index(
        "ix_household_ended_monitoring",
        "household",
        ["region"],
        postgresql_where=sa.text("ended_monitoring IS NOT NULL"),
    )
    op.add_column("monitoring_case", sa.Column("elimination_comparison_days", sa.SmallInteger()))
    op.create_table(
        "clue_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("clue_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("told_how", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "told_how IN ('in_person', 'telephone', 'written', 'message')", name=op.f("ck_clue_notice_known_way")
        ),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_clue_notice_clue_id_clue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_notice")),
    )
    op.create_index(op.f("ix_clue_notice_clue_id_id"), "clue_notice", ["clue_id", "id"], unique=False)
    op.create_index(op.f("ix_clue_notice_region"), "clue_notice", ["region"], unique=False)
    guard(op, "clue_notice")
    with data_step(op):
        op.execute(_KEEP)


def downgrade() -> None:
    with data_step(op):
        op.execute(_SHOW)
    op.drop_table("clue_notice")
    op.drop_column("monitoring_case", "elimination_comparison_days")
    op.drop_index("ix_household_ended_monitoring", table_name="household")
    op.drop_column("household", "ended_monitoring")
