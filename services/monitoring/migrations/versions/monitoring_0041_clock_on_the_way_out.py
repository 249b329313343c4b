"""A case on its way out of the register has a holder and a due too, without a step of a plan."""

from __future__ import annotations

from alembic import op

from chassis.database.migrate import data_step

revision = "monitoring_0041"
down_revision = "monitoring_0035"
branch_labels = None
depends_on = None

_CASE = "monitoring_case"
_RULE = "ck_monitoring_case_waits_whole"


def upgrade() -> None:
    op.drop_constraint(op.f(_RULE), _CASE)
    # The days that its area gives are not known here: whoever holds such a case sees it, and its next step dates it.
    with data_step(op):
        op.execute(
            """
            UPDATE monitoring_case AS own
            SET due_on = (SELECT max(on_day) FROM case_step WHERE case_id = own.id) + 3, holder = CASE
                WHEN state = 'elim_publicity' THEN 'town'
                WHEN state IN ('elim_town', 'elim_county') THEN 'county'
                ELSE 'village' END
            WHERE state IN ('elim_proposed', 'elim_verified', 'elim_reviewed', 'elim_publicity', 'elim_town',
                            'elim_county')
            """
        )
    op.create_check_constraint(
        op.f(_RULE), _CASE, "(due_on IS NULL) = (holder IS NULL) AND (step IS NULL OR due_on IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f(_RULE), _CASE)
    with data_step(op):
        op.execute("UPDATE monitoring_case SET due_on = NULL, holder = NULL WHERE step IS NULL")
    op.create_check_constraint(
        op.f(_RULE), _CASE, "(step IS NULL) = (due_on IS NULL) AND (step IS NULL) = (holder IS NULL)"
    )
