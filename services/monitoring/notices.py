"""告知 as a table: how a household was told that something came to nothing, whatever it was (clause B8)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, text
from sqlmodel import Field

from services.monitoring.base import Table
from services.monitoring.codes.cases import NoticeWay

_INSTANT: Final[Any] = DateTime(timezone=True)


class Notice(Table):
    """告知: when, by whom and in which way a household was told; the base of every table of notices, added to only.

    :ivar told_by: who told it, if not who recorded it. ``words``: what was said beside the reason.
    """

    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    told_on: date
    told_how: str = Field(sa_type=Text)
    told_by: str | None = Field(None, sa_type=Text)
    words: str | None = Field(None, sa_type=Text)
    recorded_by: str = Field(sa_type=Text)
    recorded_at: datetime = Field(sa_type=_INSTANT, sa_column_kwargs={"server_default": text("clock_timestamp()")})


def notice_rules(about: str) -> tuple[Any, ...]:
    """``__table_args__`` of a table of notices; ``about`` is its column that names what came to nothing."""
    return (
        CheckConstraint(f"told_how IN ({', '.join(repr(way.value) for way in NoticeWay)})", "known_way"),
        Index(None, about, "id"),
        Index(None, "region"),
    )
