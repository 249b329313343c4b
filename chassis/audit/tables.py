"""Audit entries, inserted unsealed by the change's own transaction and chained afterwards."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database.metadata import kernel
from chassis.database.types import Xid8

audit_entry = Table(
    "audit_entry",
    kernel,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("business_date", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("assignment", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("region", BigInteger, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("digests", JSONB),
    Column("reason", Text),
    Column("trace_id", Text),
    Index(None, "kind", "entity_id", "id"),
    Index(None, "region", "id"),
)
"""Who, what, when and why; names of changed fields and keyed digests of personal values, never the values."""

audit_seal = Table(
    "audit_seal",
    kernel,
    Column("sequence", BigInteger, primary_key=True),
    Column("entry_id", BigInteger, nullable=False, unique=True),
    Column("epoch", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
)
"""The chain: each seal's MAC covers its entry and the seal before it, with a key that lies outside the database."""
