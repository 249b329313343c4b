"""The retained log of what a service said, what is still to be delivered, and what it heard from others."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database.metadata import kernel

outbox = Table(
    "outbox",
    kernel,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("region", BigInteger, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("traceparent", Text),
    Column("data", JSONB, nullable=False),
    UniqueConstraint("subject", "type", "aggregate_version"),
    CheckConstraint("aggregate_version > 0", "version_rises_from_one"),
    # Events lie in order of time: a block range index serves "since" at next to no cost for the writer.
    Index(None, "time", postgresql_using="brin"),
)
"""Every event that this service recorded, kept, so that a consumer can be rebuilt or can join years later."""

pending = Table(
    "pending",
    kernel,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("consumer", Text),
)
"""Events without the bus's acknowledgement yet, in order; narrow, because its rows come and go. Positions of what is
delivered again are negative, so that they come first; ``consumer`` then names the only one that it is for."""

inbox = Table(
    "inbox",
    kernel,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
"""Events that were reacted to, so that a second delivery has no effect; by type, so that a replay can choose."""

seen_version = Table(
    "seen_version",
    kernel,
    Column("consumer", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    # The thing first: of the other two there are few, and a comparison that begins with them has to go on.
    PrimaryKeyConstraint("subject", "type", "consumer"),
)
"""The newest state of each full-state aggregate that a consumer took, and the event that told it. Older ones are
dropped, and that event has no second effect: so what is only kept needs no row in ``inbox``."""

parked = Table(
    "parked",
    kernel,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("region", BigInteger, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("traceparent", Text),
    Column("data", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_try_at", DateTime(timezone=True), nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("reason", Text, nullable=False),
    Column("awaits", Uuid),
    CheckConstraint("state IN ('failed', 'behind', 'waiting', 'dead')", "known_state"),
    Index(None, "consumer", "subject", "position"),
    Index(None, "state", "next_try_at"),
    Index(None, "awaits", postgresql_where=text("awaits IS NOT NULL")),
)
"""Events that a handler could not apply: ``failed`` is retried, ``behind`` keeps its key's order, ``waiting`` needs a
person who is not known yet (``awaits``), ``dead`` had its tries; an operator retries or drops it. Of one consumer and
key only the oldest row is ever not ``behind``."""
