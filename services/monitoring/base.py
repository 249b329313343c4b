"""The base class of monitoring's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.database.metadata import service_tables

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    Table = SQLModel
else:
    Table = service_tables()
