"""A line of a public list says itself what it is for and for how long: it may move where its list is not read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import data_step

revision = "monitoring_0019"
down_revision = "monitoring_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("public_list_line", sa.Column("purpose", sa.Text(), nullable=True))
    op.add_column("public_list_line", sa.Column("days", sa.SmallInteger(), nullable=True))
    with data_step(op):
        op.execute(
            "UPDATE public_list_line AS own SET purpose = of.purpose, days = of.days"
            " FROM public_list AS of WHERE of.id = own.list_id"
        )
    op.alter_column("public_list_line", "purpose", nullable=False)
    op.alter_column("public_list_line", "days", nullable=False)


def downgrade() -> None:
    op.drop_column("public_list_line", "days")
    op.drop_column("public_list_line", "purpose")
