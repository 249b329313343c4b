"""The base class of the gateway's own tables: to-do marks and others' checkpoints, no business data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.database.metadata import service_tables

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    Table = SQLModel
else:
    Table = service_tables()
