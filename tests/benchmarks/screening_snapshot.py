"""`screening.snapshot`: a county from PostgreSQL into Parquet, beside ADBC alone reading the same rows ready made.

Ours joins, reads the departments' payloads, goes under the area's policy as the role ``app`` and writes Parquet. The
baseline reads tables that already hold the very columns, as superuser, and drops what it has read.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import psycopg

from chassis.security.scope import Area
from services.monitoring.screening.export import export_snapshot
from services.monitoring.screening.export_sql import statements
from services.monitoring.screening.inputs import Coverage, ExportInputs
from services.monitoring.screening.queries.context import windows
from tests.benchmarks.report import Measured, median
from tests.benchmarks.screening_files import COUNTY, ON
from tests.benchmarks.screening_registry import FILES, HOUSEHOLD, PERSON, RECORD, filling, households, people, records
from tests.benchmarks.stage import Stage

TURNS = 5
_YEAR = Coverage("medical.insurance", ON.replace(month=1, day=1), ON.replace(month=12, day=31))
INPUTS = ExportInputs(
    line_fen=792_000, windows=windows(ON, annual_first_month=10), listed_diseases=("C34",), coverage=(_YEAR,)
)


def snapshot(here: Stage, files: Path) -> Iterator[Measured]:
    """Rows a second of a snapshot of the registry and files that ``files`` hold; PostgreSQL must hold no other."""
    with duckdb.connect() as source, filling(here) as copy:
        copy(HOUSEHOLD, households(files), source)
        copy(PERSON, people(files), source)
        copy(RECORD, " UNION ALL ".join(records(files, table) for table in FILES), source)
    names = _made(here)
    ours, alone = [], []
    for _ in range(TURNS):
        ours.append(_ours(here))
        alone.append(_alone(here, names))
    (rows, _), (read, _) = ours[0], alone[0]
    if rows != read:
        raise RuntimeError(f"the snapshot has {rows} rows, ADBC read {read}")
    mine, bare = (median([seconds for _, seconds in turns]) for turns in (ours, alone))
    sys.stderr.write(f"screening.snapshot: {rows} rows, ours {mine:.2f} s, ADBC alone {bare:.2f} s\n")
    yield Measured("screening.snapshot", rows / mine, rows / bare, "rows/s", 0.5, "higher")


def _made(here: Stage) -> list[str]:
    """Tables that hold what the snapshot's queries give."""
    queries = statements(Area.of(COUNTY), ON, INPUTS)
    with psycopg.connect(here.postgres.superuser_url(here.monitoring.name)) as connection:
        for name, query in queries.items():
            connection.execute(f"CREATE UNLOGGED TABLE made_{name} AS {query}".encode())
            connection.execute(f"ANALYZE made_{name}".encode())
    return [f"made_{name}" for name in queries]


def _ours(here: Stage) -> tuple[int, float]:
    folder = here.folder / "snapshot"
    folder.mkdir(exist_ok=True)
    began = time.monotonic()
    taken = asyncio.run(export_snapshot(here.monitoring.app_url, Area.of(COUNTY), ON, INPUTS, folder))
    return sum(taken.rows.values()), time.monotonic() - began


def _alone(here: Stage, names: list[str]) -> tuple[int, float]:
    rows = 0
    began = time.monotonic()
    with adbc.connect(here.postgres.superuser_url(here.monitoring.name)) as connection, connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SELECT * FROM {name}")
            rows += sum(batch.num_rows for batch in cursor.fetch_record_batch())
    return rows, time.monotonic() - began
