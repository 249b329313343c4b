"""Count which key every stored value of one service needs, so that an old one is retired only when none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import MetaData, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.files.sealed_store import SealedStore, Segment
from chassis.files.tables import stored_segment
from chassis.keys.columns import IndexedColumn, indexed_columns, sealed_tables
from chassis.program import Program
from chassis.security.keys import KeyRing, Purpose
from chassis.security.scope import Area

PIECES: Final = "stored_segment.piece"
"""How the pieces of stored files are named beside the columns; they lie in the store, not in the database."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many values of which column need which key; purposes that never retire a key are not counted."""

    counts: Counter[tuple[Purpose, int, str]]

    def of(self, purpose: Purpose, key_id: int) -> Counter[str]:
        """By column, how many values need this key."""
        return Counter(
            {name: count for (one, key, name), count in self.counts.items() if (one, key) == (purpose, key_id)}
        )

    def left(self, ring: KeyRing) -> Counter[str]:
        """By column, the values that need another key than the current one."""
        left: Counter[str] = Counter()
        for (purpose, key, name), count in self.counts.items():
            if key != ring.current(purpose).id:
                left[name] += count
        return left


async def key_use(program: Program, own: MetaData, store: SealedStore) -> KeyUse:
    """What the database of a program, and its store of files, need keys for.

    :param own: the service's tables.
    """
    counts: Counter[tuple[Purpose, int, str]] = Counter()
    async with program.database.transaction(Area.everywhere()) as connection:
        for purpose, name, query in _queries(own):
            for row in await connection.execute(text(query)):
                counts[purpose, row.key, name] += row.times
        segments = await segments_after(connection, None)
    for segment in segments:
        for number in range(segment.pieces):
            head = await store.head(segment.id, number)
            if head is not None:
                counts[Purpose.DATA, head[1], PIECES] += 1
    return KeyUse(counts)


async def segments_after(connection: AsyncConnection, after: str | None, limit: int | None = None) -> list[Segment]:
    """The segments that the database knows, in order of their ids.

    :param after: the id of the last one that was seen.
    """
    columns = stored_segment.c
    statement = select(columns.id, columns.size).order_by(columns.id).limit(limit)
    if after is not None:
        statement = statement.where(columns.id > UUID(after))
    return [Segment(row.id, row.size) for row in await connection.execute(statement)]


def _queries(own: MetaData) -> Iterator[tuple[Purpose, str, str]]:
    """Purpose, column, and how to count its values by key: the second byte of a stored value is its key's id."""
    for sealed in sealed_tables(own):
        for column in sealed.columns:
            yield Purpose.DATA, f"{sealed.table.name}.{column.name}", _counted(sealed.table.name, f'"{column.name}"')
    for indexed in indexed_columns(own):
        yield Purpose.INDEX, indexed.name, _counted(str(indexed.column.table.name), _index(indexed))


def _index(indexed: IndexedColumn) -> str:
    name = f'"{indexed.column.name}"'
    if indexed.is_list:
        return f"unnest({name})"
    return f"decode(left({name}, 4), 'hex')" if indexed.is_text else name


def _counted(table: str, value: str) -> str:
    return (
        f'SELECT get_byte(value, 1) AS key, count(*) AS times FROM (SELECT {value} AS value FROM "{table}") AS t'  # noqa: S608  # names of our own metadata
        " WHERE value IS NOT NULL GROUP BY 1"
    )
