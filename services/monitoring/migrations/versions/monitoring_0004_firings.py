"""What fired lies in the run's private folder until it is judged; hits are found by their fact or their clue.

Three indexes of hits go: each cost a screening of a province seconds. One of them and the clues' was led by the region,
so that the policy opened it to every look-up, and it was walked from end to end where statistics were missing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import guard

revision = "monitoring_0004"
down_revision = "monitoring_0003"
branch_labels = None
depends_on = None

_STANDING = sa.text("kind = 'rule' AND state = 'standing'")


def upgrade() -> None:
    op.drop_table("screening_firing")
    op.drop_index(op.f("ix_hit_household_id"), table_name="hit")
    op.drop_index(op.f("ix_hit_region_rule_id_id"), table_name="hit")
    op.drop_index(op.f("ix_hit_source_batch_source_row"), table_name="hit")
    op.drop_index(op.f("ix_clue_region_state_due_at_id"), table_name="clue")
    op.create_index(op.f("ix_clue_state_region"), "clue", ["state", "region"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_clue_state_region"), table_name="clue")
    op.create_index(op.f("ix_clue_region_state_due_at_id"), "clue", ["region", "state", "due_at", "id"], unique=False)
    op.create_index(op.f("ix_hit_source_batch_source_row"), "hit", ["source_batch", "source_row"], unique=False)
    op.create_index(op.f("ix_hit_region_rule_id_id"), "hit", ["region", "rule_id", "id"], unique=False)
    op.create_index(op.f("ix_hit_household_id"), "hit", ["household_id"], unique=False, postgresql_where=_STANDING)
    op.create_table(
        "screening_firing",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("fact_key", sa.Text(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("fact_year", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column(
            "inputs", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("source_records", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["screening_run.id"], name=op.f("fk_screening_firing_run_id_screening_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "fact_key", name=op.f("pk_screening_firing")),
    )
    op.create_index(
        op.f("ix_screening_firing_run_id_household_id"), "screening_firing", ["run_id", "household_id"], unique=False
    )
    guard(op, "screening_firing")
