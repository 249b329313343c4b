"""How far a case had come, as it was known where it lay."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, text
from sqlmodel import Field

from services.monitoring.base import Table


class CaseCourse(Table, table=True):
    """个案进程: on which days a case that began with a clue came how far, as its division knew it for a time.

    The row without ``replaced_at`` is the present one and lies where the case does. Others stay as they are, in the
    division where they were known: figures about how long cases take are asked again there.

    :ivar changed_on: the day of the change at its source, as it was known when the case began.
    :ivar helped_on: the first measure since then that was not withdrawn.
    """

    __tablename__: ClassVar[Any] = "case_course"
    __table_args__ = (
        Index("uq_case_course_present", "case_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
        Index(None, "region", "day_0"),
    )

    case_id: UUID = Field(sa_column=Column(ForeignKey("monitoring_case.id"), primary_key=True))
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    region: int = Field(sa_type=BigInteger)
    day_0: date
    changed_on: date
    verified_on: date | None = None
    registered_on: date | None = None
    helped_on: date | None = None
    eliminated_on: date | None = None
    replaced_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
