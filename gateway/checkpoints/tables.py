"""Others' audit checkpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Text
from sqlmodel import Field

from gateway.base import Table


class HeardCheckpoint(Table, table=True):
    """A checkpoint as a service published it (clause H); ``mac`` is of the last seal, in hexadecimal."""

    __tablename__: ClassVar[Any] = "heard_checkpoint"
    __table_args__ = (Index(None, "service", "epoch", "seals"),)

    event_id: UUID = Field(primary_key=True)
    service: str = Field(sa_type=Text)
    epoch: int = Field(sa_type=BigInteger)
    seals: int = Field(sa_type=BigInteger)
    last_entry: int = Field(sa_type=BigInteger)
    mac: str = Field(sa_type=Text)
    key_id: str = Field(sa_type=Text)
    said_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
