"""The public face of deferred work: what was asked for, how far it is, how it ended; and which days were swept."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database.metadata import kernel


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


JOB_STATE_LABELS = {
    JobState.QUEUED: "排队中",
    JobState.RUNNING: "进行中",
    JobState.SUCCEEDED: "已完成",
    JobState.FAILED: "失败",
    JobState.CANCELLED: "已取消",
}

job = Table(
    "job",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("region", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("requested_by", Text, nullable=False),
    Column("assignment", Uuid, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("heartbeat_at", DateTime(timezone=True)),
    Column("cancel_requested_at", DateTime(timezone=True)),
    Column("progress_done", BigInteger, nullable=False, server_default=text("0")),
    Column("progress_total", BigInteger),
    Column("progress_note", JSONB(none_as_null=True)),
    Column("parameters", JSONB, nullable=False),
    Column("resume", JSONB(none_as_null=True)),
    Column("result", JSONB(none_as_null=True)),
    Column("error_code", Text),
    Column("error", JSONB(none_as_null=True)),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("run", BigInteger, nullable=False, server_default=text("0")),
    Column("queue_id", BigInteger),
    Column("traceparent", Text),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", "known_state"),
    CheckConstraint("(state = 'failed') = (error_code IS NOT NULL)", "failed_has_code"),
    CheckConstraint("(state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", "final_has_end"),
    Index(None, "kind", "region", "id"),
)
"""``parameters`` and ``resume`` hold ids, dates and numbers, never personal data. ``run`` counts the starts and fences:
what an earlier run still wants to write is refused. ``attempts`` counts the starts that were not given back in order;
``queue_id`` is the row of the queue while the job waits or runs. ``progress_note`` and ``error`` are ``{zh, en}``."""

job_turn = Table(
    "job_turn",
    kernel,
    Column("kind", Text, primary_key=True),
    Column("region", BigInteger, primary_key=True),
    Column("turn", BigInteger, nullable=False),
)
"""The last turn (period since 1970, by system time) for which a periodic kind was deferred in an area."""

sweep_day = Table(
    "sweep_day",
    kernel,
    Column("sweep", Text, primary_key=True),
    Column("region", BigInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("finished_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
"""The business days that a sweep has done in an area."""

import_error = Table(
    "import_error",
    kernel,
    Column("job_id", Uuid, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("column", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", JSONB, nullable=False),
)
"""Why rows of an import were refused: the row as its sender counts it, our column's name (``''``: the whole row)."""

import_record = Table(
    "import_record",
    kernel,
    Column("job_id", Uuid, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    Column("up_to", BigInteger, primary_key=True),
    Column("fate", SmallInteger, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("records", ARRAY(Uuid), nullable=False),
)
"""What a chunk of an import under way did with which records, so that a record that several rows touch counts once,
also when the import goes on after a kill; gone when it ends. ``up_to`` is the chunk's last row, ``fate`` the rank of a
:class:`~chassis.jobs.import_model.Fate`. Arrays, because a row for each record took nearly as long as the record."""
