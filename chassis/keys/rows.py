"""Make stored values anew with the current keys, a batch at a time, where nobody has changed them meanwhile.

A value is read, made anew and put back only in place of the very bytes that were read: who writes in between wins, and
has written with a key of his own. No version rises and no event is told, since nothing that anybody can see changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, func, literal, or_, select, text, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.keys.columns import IndexedColumn, SealedTable, sealed_type
from chassis.security.blind_index import BlindIndex
from chassis.security.columns import Remade
from chassis.security.keys import Purpose
from chassis.security.vault import Vault

BATCH: Final = 1_000
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
Place = list[str]
"""The primary key of the last row that was read, as text, to go on behind it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows to make anew, and where the next batch begins."""

    rows: list[dict[str, Any]]
    place: Place


class SealedRows:
    """The encrypted columns of one table."""

    def __init__(self, sealed: SealedTable) -> None:
        self.name = str(sealed.table.name)
        self._table = sealed.table
        self._columns = sealed.columns
        self.fields: Sequence[str] = [f"{self.name}.{column.name}" for column in sealed.columns]
        self._key = sealed.key

    async def read(self, connection: AsyncConnection, vault: Vault, after: Place | None) -> Found | None:
        """The next rows with a value of another key; None if there are none."""
        mark = vault.ring.current(Purpose.DATA).mark
        old = or_(*(func.substring(column, 1, 2) != mark for column in self._columns))
        statement = select(*self._key, *_others(self._key, self._columns)).where(old).order_by(*self._key).limit(BATCH)
        if after is not None:
            statement = statement.where(tuple_(*self._key) > tuple_(*_values(self._key, after)))
        rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
        return Found(rows, [str(rows[-1][column.name]) for column in self._key]) if rows else None

    async def write(self, unit: UnitOfWork, found: Found) -> int:
        """Put the values back, sealed anew; how many rows were still as they were read."""
        made = {column.name: [self._anew(unit.vault, column, row) for row in found.rows] for column in self._columns}
        names = [column.name for column in self._columns]
        parameters: dict[str, Any] = {f"k_{c.name}": [row[c.name] for row in found.rows] for c in self._key}
        parameters |= {f"o_{name}": [row[name] for row in found.rows] for name in names}
        parameters |= {f"n_{name}": made[name] for name in names}
        arrays = [f"CAST(:k_{c.name} AS {_sql_type(c)}[])" for c in self._key]
        arrays += [f"CAST(:{side}_{name} AS bytea[])" for side in "on" for name in names]
        aliases = [f"k_{c.name}" for c in self._key] + [f"{side}_{name}" for side in "on" for name in names]
        same = [f't."{c.name}" = v.k_{c.name}' for c in self._key]
        same += [f't."{name}" IS NOT DISTINCT FROM v.o_{name}' for name in names]
        statement = text(
            f'UPDATE "{self.name}" AS t SET {", ".join(f"{chr(34)}{name}{chr(34)} = v.n_{name}" for name in names)}'  # noqa: S608  # names of our own metadata
            f" FROM unnest({', '.join(arrays)}) AS v({', '.join(aliases)}) WHERE {' AND '.join(same)}"
        )
        return (await unit.connection.execute(statement, parameters)).rowcount

    def _anew(self, vault: Vault, column: Column[Any], row: Mapping[str, Any]) -> bytes | None:
        value: bytes | None = row[column.name]
        if value is None or not vault.encryptor.needs_rotation(value):
            return value
        table, place = sealed_type(column).table or self.name, sealed_type(column).row_of(row)
        plain = vault.encryptor.open_bytes(bytes(value), table=table, column=column.name, row=place)
        return vault.encryptor.seal(plain, table=table, column=column.name, row=place)


class IndexedRows:
    """One column of blind indexes whose values lie encrypted beside it; the column is its table's primary key."""

    def __init__(self, indexed: IndexedColumn, remade: Remade) -> None:
        self.name = indexed.name
        self.fields: Sequence[str] = [indexed.name]
        self._column = indexed.column
        self._owner = indexed.column.table.c[remade.owner]
        self._remade = remade

    async def read(self, connection: AsyncConnection, vault: Vault, after: Place | None) -> Found | None:
        """The next indexes under another key, each with the one in its place where its value is found."""
        mark = vault.ring.current(Purpose.INDEX).mark
        statement = select(self._column.label("old"), self._owner.label("owner")).order_by(self._column).limit(BATCH)
        statement = statement.where(func.substring(self._column, 1, 2) != mark)
        if after is not None:
            statement = statement.where(self._column > bytes.fromhex(after[0]))
        rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
        if not rows:
            return None
        known = await self._known(connection, vault, sorted({row["owner"] for row in rows}))
        place = [bytes(rows[-1]["old"]).hex()]
        anew = [row | {"new": known[bytes(row["old"])]} for row in rows if bytes(row["old"]) in known]
        return Found(anew, place)

    async def write(self, unit: UnitOfWork, found: Found) -> int:
        """Put the new indexes in place of the old; one that is there already takes the old one's part."""
        table, column, owner = self._column.table.name, self._column.name, self._owner.name
        statement = text(
            f"""
            WITH v AS (SELECT * FROM unnest(CAST(:old AS bytea[]), CAST(:new AS bytea[])) AS v(old, new)),
            double AS (
                DELETE FROM "{table}" AS t USING v, "{table}" AS other
                WHERE t."{column}" = v.old AND other."{column}" = v.new AND other."{owner}" = t."{owner}"
                RETURNING t."{column}" AS old
            )
            UPDATE "{table}" AS t SET "{column}" = v.new FROM v
            WHERE t."{column}" = v.old AND v.old NOT IN (SELECT old FROM double)
            """  # noqa: S608  # names of our own metadata
        )
        parameters = {name: [row[name] for row in found.rows] for name in ("old", "new")}
        await unit.connection.execute(statement, parameters)
        return len(found.rows)

    async def _known(self, connection: AsyncConnection, vault: Vault, owners: Sequence[UUID]) -> dict[bytes, bytes]:
        """Every index that the owners' values may stand under, with the current one."""
        index = BlindIndex(vault.ring, kind=self._remade.kind)
        known: dict[bytes, bytes] = {}
        for source, name in self._remade.sources:
            table = self._column.table.metadata.tables[source]
            column, row = table.c[name], table.c.id
            statement = select(row, column).where(row.in_(owners), column.is_not(None)).distinct()
            for owner, sealed in await connection.execute(statement):
                place = {"table": sealed_type(column).table or source, "column": name, "row": owner}
                current, *others = index.candidates(vault.encryptor.open(bytes(sealed), **place))
                known |= dict.fromkeys(others, current)
        return known


def _others(key: Sequence[Column[Any]], columns: Sequence[Column[Any]]) -> list[Column[Any]]:
    """What is read beside the key: the values, and the ids that they are bound to."""
    names = {row for column in columns if isinstance(row := sealed_type(column).row, str)}
    table = columns[0].table
    return [*columns, *(table.c[name] for name in sorted(names) if table.c[name] not in key)]


def _values(key: Sequence[Column[Any]], place: Place) -> list[Any]:
    """A place's text as values of the key's columns."""
    return [literal(column.type.python_type(text_), column.type) for column, text_ in zip(key, place, strict=True)]


def _sql_type(column: Column[Any]) -> str:
    return str(column.type.compile(dialect=_DIALECT)).split(" COLLATE")[0]
