"""What is kept: contents and their encrypted segments, files that point at them, who still needs them, open uploads."""

from __future__ import annotations

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

from chassis.database.metadata import kernel
from chassis.security.columns import Sealed

_NOW = text("clock_timestamp()")

stored_object = Table(
    "stored_object",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("address", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("media", Text, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    CheckConstraint("size > 0", "not_empty"),
)
"""One content in one division. ``address`` is a keyed digest of division and content: the same file handed in twice is
kept once, and nobody sees that another division has it too."""

stored_file = Table(
    "stored_file",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("object_id", Uuid, ForeignKey("stored_object.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("name", Sealed()),
    Column("stored_by", Text, nullable=False),
    Column("assignment", Uuid, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("keep_until", Date, nullable=False),
    Index(None, "keep_until"),
)
"""A file as somebody handed it in. ``name`` is the sender's, encrypted, since such names name people; ``keep_until`` is
the last business day on which it is kept although nothing holds it."""

file_hold = Table(
    "file_hold",
    kernel,
    Column("file_id", Uuid, ForeignKey("stored_file.id"), primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("holder_id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
)
"""Who still needs a file: a batch, a case, a payment. A held file is not purged."""

upload = Table(
    "upload",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("name", Sealed()),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, server_default=text("0")),
    Column("media", Text),
    Column("started_by", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("file_id", Uuid, ForeignKey("stored_file.id", ondelete="SET NULL")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint("received BETWEEN 0 AND size", "received_within_size"),
    CheckConstraint("size > 0", "not_empty"),
)
"""A file that comes in parts over a poor link; ``file_id`` once it is complete."""

stored_segment = Table(
    "stored_segment",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("object_id", Uuid, ForeignKey("stored_object.id", ondelete="CASCADE")),
    Column("upload_id", Uuid, ForeignKey("upload.id", ondelete="CASCADE")),
    Column("position", SmallInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    CheckConstraint("(object_id IS NULL) <> (upload_id IS NULL)", "of_one_owner"),
    Index(None, "object_id", "position", unique=True),
    Index(None, "upload_id", "position", unique=True),
)
"""What the store holds under one id: a stretch of a content, in order of ``position``. An id in the store that is not
here, and is older than any request, is left over from a request that failed."""
