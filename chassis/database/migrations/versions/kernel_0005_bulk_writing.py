"""Keep an import's records as arrays and the outbox's times by block range: rows and index entries that bulk work pays.

A chunk of an import kept a row for each record; it keeps an array for each fate. The outbox's index by type and time
had an entry as long as the type's name for each event; only redelivery since an instant asks by time, and events lie
in order of time, so a block range index does.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.database.migrate import data_step, guard

revision = "kernel_0005"
down_revision = "kernel_0003"
branch_labels = None
depends_on = None

_AS_ARRAYS = "SELECT job_id, -1 AS up_to, fate, min(region) AS region, array_agg(record) AS records"
_AS_ROWS = "SELECT job_id, record, min(region) AS region, max(fate) AS fate"


def upgrade() -> None:
    _replace(
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("records", postgresql.ARRAY(sa.Uuid()), nullable=False),
        key=("job_id", "up_to", "fate"),
        kept=_AS_ARRAYS + " FROM import_record GROUP BY job_id, fate",
    )
    op.drop_index(op.f("ix_outbox_type_time_id"), table_name="outbox")
    op.create_index(op.f("ix_outbox_time"), "outbox", ["time"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_time"), table_name="outbox", postgresql_using="brin")
    op.create_index(op.f("ix_outbox_type_time_id"), "outbox", ["type", "time", "id"], unique=False)
    _replace(
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.SmallInteger(), nullable=False),
        key=("job_id", "record"),
        kept=_AS_ROWS + " FROM import_record, unnest(records) AS kept(record) GROUP BY job_id, record",
    )


def _replace(*columns: sa.Column[Any], key: tuple[str, ...], kept: str) -> None:
    """Make ``import_record`` anew with other columns; ``kept`` is what imports under way have counted, in them."""
    with data_step(op):
        op.execute(f"CREATE TEMPORARY TABLE kept_record ON COMMIT DROP AS {kept}")
    op.drop_table("import_record")
    op.create_table(
        "import_record",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_import_record_job_id_job"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_import_record")),
    )
    guard(op, "import_record")
    names = ", ".join(("job_id", *(column.name for column in columns)))
    with data_step(op):
        op.execute(f"INSERT INTO import_record ({names}) SELECT {names} FROM kept_record")  # noqa: S608
