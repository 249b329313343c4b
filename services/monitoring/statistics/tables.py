"""Statistics that were handed out, kept as they were."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.base import Table, recorded


class PublishedStatistic(Table, table=True):
    """发布的统计: figures of a division with the instant as known at which they were counted; never changed.

    ``region`` is the division that they are about; who reads the division reads them. ``query_version`` names the way
    in which they were counted.
    """

    __tablename__: ClassVar[Any] = "published_statistic"
    __table_args__ = (Index(None, "region", "id"),)

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    title: str = Field(sa_type=Text)
    published_on: date
    published_by: str = Field(sa_type=Text)
    query_version: int = Field(sa_type=SmallInteger)
    known_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    result: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_column=recorded())
