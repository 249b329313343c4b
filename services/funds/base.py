"""The base class of funds' tables, and the people that it knows beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.database.metadata import service_tables
from chassis.people.tables import include_people

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    Table = SQLModel
else:
    Table = service_tables()

include_people(Table.metadata)
