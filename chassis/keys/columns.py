"""Find every column that a key of the ring protects, in the metadata of the kernel and of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Column, MetaData, Table

import chassis.database.kernel_tables  # noqa: F401  # so that the kernel's metadata is whole
from chassis.database.metadata import kernel
from chassis.security.columns import Indexed, IndexedText, Sealed


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with encrypted columns."""

    table: Table
    columns: tuple[Column[Any], ...]

    @property
    def key(self) -> list[Column[Any]]:
        return list(self.table.primary_key.columns)


@dataclass(frozen=True, slots=True)
class IndexedColumn:
    """A column of blind indexes: single ones, a list of them, or in hexadecimal."""

    column: Column[Any]
    is_list: bool
    is_text: bool

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"


def sealed_type(column: Column[Any]) -> Sealed:
    """The type of an encrypted column, which tells what its values are bound to."""
    assert isinstance(column.type, Sealed)
    return column.type


def tables_of(own: MetaData) -> list[Table]:
    """The kernel's tables and a service's own, by name."""
    return sorted([*kernel.sorted_tables, *own.sorted_tables], key=lambda table: table.name)


def sealed_tables(own: MetaData) -> list[SealedTable]:
    """Every table with encrypted columns."""
    found = []
    for table in tables_of(own):
        columns = tuple(column for column in table.columns if isinstance(column.type, Sealed))
        if columns:
            found.append(SealedTable(table, columns))
    return found


def indexed_columns(own: MetaData) -> list[IndexedColumn]:
    """Every column of blind indexes."""
    found = []
    for table in tables_of(own):
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, Indexed | IndexedText):
                found.append(IndexedColumn(column, isinstance(column.type, ARRAY), isinstance(kind, IndexedText)))
    return found
