"""What became of each operation that a phone handed in, kept for thirty days, encrypted."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, Uuid, text

from chassis.database.metadata import kernel
from chassis.security.columns import Sealed

operation = Table(
    "operation",
    kernel,
    Column("subject", Text, primary_key=True),
    Column("op_id", Uuid, primary_key=True),
    Column("after", Uuid),
    Column("entity_id", Uuid),
    Column("made_version", BigInteger),
    Column("row", Uuid, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("answer", Sealed(row="row"), nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index(None, "time"),
)
"""``made_version`` is the version of ``entity_id`` that it made, if it changed anything; ``row`` is the id that the
encrypted answer is bound to. Like the answers under an Idempotency-Key these rows belong to a subject, not to an area:
who hands in the same again from another post gets the same answer."""
