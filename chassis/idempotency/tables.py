"""Committed answers by the key that the client chose, kept for thirty days, encrypted."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, SmallInteger, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database.metadata import kernel
from chassis.security.columns import Sealed

idempotency = Table(
    "idempotency",
    kernel,
    Column("subject", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("row", Uuid, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("answer", Sealed(row="row"), nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index(None, "time"),
)
"""``row`` is the id that the encrypted answer is bound to."""
