"""Write one county's ids and facts from PostgreSQL into Parquet: one consistent snapshot under the area's policy.

ADBC reads in binary COPY as the role ``app``, in read-only transactions whose area settings hold like anywhere else.
Most of the time PostgreSQL joins and reads payloads, with one core for each transaction: so two of them, which see the
same, share the tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq

from chassis.security.scope import Area
from services.monitoring.screening.export_sql import statements
from services.monitoring.screening.inputs import ExportInputs
from services.monitoring.screening.snapshot import TABLES

TIMEOUT_SECONDS: Final = 600
LANES: Final = 2
"""As many as the smallest machine has cores."""
_OPENING: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    f"SET LOCAL statement_timeout = '{TIMEOUT_SECONDS}s'",
    # All of the area is read: by way of an index each page would be fetched again for each of its rows.
    "SET LOCAL enable_indexscan = off",
)
_AREA: Final = "SELECT set_config('app.area_lo', '{lo:d}', true), set_config('app.area_hi', '{hi:d}', true)"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a snapshot by table, and how many rows each has."""

    files: Mapping[str, Path]
    rows: Mapping[str, int]


async def export_snapshot(
    url: str, area: Area, as_of: date, inputs: ExportInputs, folder: Path, *, tables: Sequence[str] | None = None
) -> Snapshot:
    """Export a county into ``folder``, which the caller removes.

    :param url: address and role of the database; ``area`` binds what the role sees.
    :param tables: only these tables of the snapshot; None for all that have a source.
    """
    wanted = statements(area, as_of, inputs)
    chosen = wanted if tables is None else {name: wanted[name] for name in tables if name in wanted}
    return await asyncio.to_thread(_export, url, area, chosen, folder)


def _export(url: str, area: Area, queries: Mapping[str, str], folder: Path) -> Snapshot:
    files = {name: folder / f"{name}.parquet" for name in queries}
    free: SimpleQueue[adbc.Cursor] = SimpleQueue()

    def read(name: str) -> int:
        cursor = free.get()
        try:
            cursor.execute(queries[name])
            return _write(cursor.fetch_record_batch(), TABLES[name], files[name])
        finally:
            free.put(cursor)

    # The pool is left first: a connection is closed when no thread reads from it.
    with ExitStack() as stack, ThreadPoolExecutor(LANES) as pool:
        connections = list(pool.map(lambda _: stack.enter_context(adbc.connect(url)), range(LANES)))
        seen = None
        for connection in connections:
            cursor = stack.enter_context(connection.cursor())
            seen = _begin(cursor, area, seen)
            free.put(cursor)
        rows = dict(zip(queries, pool.map(read, queries), strict=True))
        for connection in connections:
            connection.rollback()
    return Snapshot(files, rows)


def _begin(cursor: adbc.Cursor, area: Area, seen: str | None) -> str:
    """Begin to read the area; returns what the transaction sees.

    :param seen: what another transaction sees that has begun: then this one sees the same.
    """
    for statement in _OPENING:
        cursor.execute(statement)
    if seen is not None:
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{seen}'")
    cursor.execute(_AREA.format(lo=area.lo, hi=area.hi))
    cursor.fetchall()
    if seen is not None:
        return seen
    cursor.execute("SELECT pg_export_snapshot()")
    return str(cursor.fetchall()[0][0])


def _write(batches: Any, schema: pa.Schema, path: Path) -> int:
    rows = 0
    # Only codes repeat; a dictionary of ids would be built in vain, and cost more than all the rest of the writing.
    codes = [field.name for field in schema if pa.types.is_string(field.type)]
    with pq.ParquetWriter(path, schema, use_dictionary=codes) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            rows += batch.num_rows
    return rows
