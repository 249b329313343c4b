"""Name every constraint, keep the kernel's own tables apart from a service's, and say which tables belong to areas."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

kernel = MetaData(naming_convention=NAMING)
"""Tables that every service's database has: outbox, inbox, audit, idempotency, changes, jobs, parameters, files."""


def service_tables() -> type[SQLModel]:
    """Make the base class of one service's tables, with a registry of its own.

    Services in one process (the embedded mode) then never share a table name by accident.
    """
    metadata = MetaData(naming_convention=NAMING)
    own = registry(metadata=metadata)

    class ServiceTable(SQLModel, registry=own):
        """A row of this service's database; never an API model, so that it needs no validator until somebody asks."""

        model_config = {"defer_build": True}

    ServiceTable.metadata = metadata
    return ServiceTable


def is_policed(table: Table) -> bool:
    """Whether row-level security by area guards this table: every table that has a ``region``."""
    return "region" in table.columns


def rows(model: Any) -> Table:
    """The Core table behind a SQLModel class, for statements on hot paths."""
    table: Table = model.__table__
    return table
