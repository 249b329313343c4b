"""To-do marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Text, text
from sqlmodel import Field

from gateway.base import Table


class TodoMark(Table, table=True):
    """待办标记: something waits in a village until ``due_at``; it is open until its service says that it was judged.

    ``id`` is the thing's own id in its service, ``kind`` what it is.
    """

    __tablename__: ClassVar[Any] = "todo_mark"
    __table_args__ = (
        CheckConstraint("kind IN ('clue')", "known_kind"),
        CheckConstraint("severity IN ('H', 'M', 'L')", "known_severity"),
        Index(None, "region", "due_at", "id", postgresql_where=text("is_open")),
    )

    kind: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    region: int = Field(sa_type=BigInteger)
    household_id: UUID
    severity: str = Field(sa_type=Text)
    due_at: datetime | None = Field(None, sa_column=Column(DateTime(timezone=True)))
    is_open: bool
    version: int = Field(sa_type=BigInteger)
