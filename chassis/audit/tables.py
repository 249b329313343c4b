"""Audit entries, inserted unsealed by the change's own transaction and chained afterwards."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database.metadata import kernel
from chassis.database.types import Xid8
from chassis.security.columns import Keyed

audit_entry = Table(
    "audit_entry",
    kernel,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # The default is the current epoch: a restore raises it, see chassis.audit.epochs.
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
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
    Column("read_ids", ARRAY(Uuid)),
    Index(None, "epoch", "xid", "id"),
    Index(None, "entity_id", "id"),
    Index(None, "subject", "id"),
    # Entries arrive in order of time, so a block range index serves periods at next to no cost for the writer.
    Index(None, "time", postgresql_using="brin"),
)
"""Who, what, when and why; names of changed fields and keyed digests of personal values, never the values.

An entry of a sensitive read has the request's own id as ``entity_id`` and what was read in ``read_ids``.
"""

audit_read = Table(
    "audit_read",
    kernel,
    Column("entity_id", Uuid, primary_key=True),
    Column("entry_id", BigInteger, primary_key=True),
    Column("region", BigInteger, nullable=False),
)
"""Finds the sensitive reads of one thing; only a way in: the sealed word is the entry's own ``read_ids``."""

audit_seal = Table(
    "audit_seal",
    kernel,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, nullable=False, unique=True),
    Column("epoch", BigInteger, nullable=False),
    Column("xid", Xid8, nullable=False),
    Column("form", SmallInteger, nullable=False),
    Column("mac", Keyed, nullable=False),
    Column("key_id", Text, nullable=False),
    CheckConstraint("sequence > 0", "sequence_starts_at_one"),
)
"""The chain: each seal's MAC covers its entry and the seal before it, with a key that lies outside the database.

``(epoch, xid, entry_id)`` is the entry's position; ``form`` says which columns the MAC covers, and how written.
"""

audit_checkpoint = Table(
    "audit_checkpoint",
    kernel,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("mac", Keyed, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
)
"""Ends of the chain that were published; kept until the file outside the database has them too, and for reading."""

epoch = Table(
    "epoch",
    kernel,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("system_identifier", BigInteger, nullable=False),
    Column("seals_kept", BigInteger, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("reason", Text, nullable=False),
)
"""世代: the lives of this database. Each restore starts one, since transaction ids then start anew or run again."""
