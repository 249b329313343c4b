"""One row for each thing and area: its newest version and the transaction that made it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.metadata import kernel
from chassis.database.types import Xid8

change = Table(
    "change",
    kernel,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, primary_key=True),
    # The default is the current epoch: a restore raises it, see chassis.audit.epochs.
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    # The feed's order, for whoever follows along; by division, for whoever starts with a village.
    Index(None, "epoch", "xid", "kind", "id", "region"),
    Index(None, "region", "epoch", "xid"),
)

change_fields = Table(
    "change_fields",
    kernel,
    Column("kind", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("fields", ARRAY(Text), nullable=False),
)
"""Names of the fields that each version changed: what a phone's edit of an older version may merge with."""
