"""The base class of monitoring's tables, and the column that most of them have."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, DateTime, text

from chassis.database.metadata import service_tables

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    Table = SQLModel
else:
    Table = service_tables()


def recorded() -> Column[datetime]:
    """The instant at which a row was written, by the database's clock: a program's may run behind another's."""
    return Column(DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()"))
