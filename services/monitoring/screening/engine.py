"""Run rules over a snapshot in DuckDB, scan by scan, and hand out each hit with the inputs it saw.

The run works in a private folder that is removed afterwards. After the snapshot is attached DuckDB can reach no other
file, load no extension and change no setting. A step may be executed again after a crash: it gives the same hits.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import duckdb
import pyarrow as pa

from services.monitoring.screening.catalogue import Rule, bind
from services.monitoring.screening.errors import SnapshotInvalid
from services.monitoring.screening.hits import COPY_TEXT, HITS, HOUSEHOLDS, KEPT, hits_sql, told_sql
from services.monitoring.screening.intake import Source, attach, broken_values, repeated_ids
from services.monitoring.screening.language.sql import text_literal
from services.monitoring.screening.prepared.part import bindings
from services.monitoring.screening.prepared.plan import (
    fired_sql,
    read_parts,
    scans,
    views_in_order,
    wanted,
)
from services.monitoring.screening.snapshot import TABLES
from services.monitoring.screening.terms import VOCABULARY

BATCH_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use of the machine."""

    memory_mib: int = 1024
    threads: int = 2


def run(
    snapshot: Mapping[str, Source],
    rules: Iterable[Rule],
    parameters: Mapping[str, int],
    as_of: date,
    *,
    limits: Limits | None = None,
) -> Iterator[pa.RecordBatch]:
    """Every hit of every rule on ``as_of``, as batches of :data:`HITS`.

    :param parameters: the value of every policy number for the county and date.
    :raises CatalogueInvalid: if one rule is refused; then none runs.
    :raises SnapshotInvalid: if the snapshot breaks its description.
    """
    with Screening(snapshot, rules, parameters, as_of, limits=limits) as screening:
        for step in screening.steps:
            yield from screening.execute(step)


class Screening:
    """An open run; a context manager that leaves nothing behind.

    :param folder: where it may spill, in a folder of its own; None for the machine's temporary one.
    :param has_keys: whether the ids of the snapshot's persons and households are known to be unique, because they are
        primary keys where it was taken from. Else repeated ones are looked for, which takes as long as many a rule.
    """

    def __init__(
        self,
        snapshot: Mapping[str, Source],
        rules: Iterable[Rule],
        parameters: Mapping[str, int],
        as_of: date,
        *,
        limits: Limits | None = None,
        folder: Path | None = None,
        has_keys: bool = False,
    ) -> None:
        self._bound = bind(rules, VOCABULARY, parameters)
        self._scans = {
            scan.name: scan for scan in scans(self._bound) if scan.record_table is None or scan.record_table in snapshot
        }
        self._calendar = {"screening_month": as_of.month, "screening_year": as_of.year}
        self._as_of = as_of
        self._parameters = parameters
        self._values: Mapping[str, str] = {}
        self._snapshot = snapshot
        self._limits = limits or Limits()
        self._parent = folder
        self._unsure: Collection[str] = () if has_keys else snapshot.keys()
        self._folder: Path | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="screening-", dir=self._parent))
        try:
            self._connection = self._open(self._folder)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def steps(self) -> tuple[str, ...]:
        """The scans of the run in order, always the same for the same rules."""
        return tuple(self._scans)

    def execute(self, step: str) -> Iterator[pa.RecordBatch]:
        """The hits of one step. Take them all before the next step: a run does one step at a time."""
        for hits in self._hits(step, self._opened):
            for batch in self._opened.sql(told_sql(hits)).to_arrow_reader(BATCH_ROWS):
                if batch.num_rows:
                    yield pa.RecordBatch.from_struct_array(batch.to_struct_array().cast(pa.struct(list(HITS))))

    def keep(self, step: str) -> None:
        """Execute one step and keep its hits here; see :meth:`households` and :meth:`copy_text`.

        Several threads may each do a step at once.
        """
        with self._opened.cursor() as cursor:
            for hits in self._hits(step, cursor):
                cursor.execute(" ".join(["INSERT INTO kept", hits]))

    def households(self) -> list[UUID]:
        """The households of the hits that were kept, in order."""
        return [row[0] for row in self._opened.execute(HOUSEHOLDS).fetchall()]

    def copy_text(self, first: UUID, last: UUID) -> str:
        """The hits that were kept of the households from ``first`` to ``last``, ready for PostgreSQL's COPY.

        Several threads may ask at once.
        """
        with self._opened.cursor() as cursor:
            rows = cursor.execute(COPY_TEXT, [first, last]).fetchall()
        return str(rows[0][0] or "")

    def _hits(self, step: str, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """The query of each rule's hits, after what fired was found for all rules of the step."""
        scan = self._scans[step]
        fired = fired_sql(scan, self._calendar, self._values)
        connection.execute(" ".join(["CREATE OR REPLACE TEMP TABLE fired AS", fired]))
        for number, rule in enumerate(scan.rules):
            yield hits_sql(rule, number, self._as_of.year)

    @property
    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise RuntimeError("the screening is not open")
        return self._connection

    def _open(self, folder: Path) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{self._limits.memory_mib}MiB",
                "threads": self._limits.threads,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "python_enable_replacements": False,
                "preserve_insertion_order": False,
            },
        )
        self._connection = connection
        files = attach(connection, self._snapshot)
        connection.execute(f"SET allowed_paths = [{', '.join(map(text_literal, files))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        # Looking for repeated ids leaves a core idle at its end; the snapshot is prepared beside it.
        with ThreadPoolExecutor(1) as beside, connection.cursor() as cursor:
            repeated = beside.submit(repeated_ids, cursor, self._unsure)
            faults = broken_values(connection, {name: TABLES[name] for name in self._snapshot})
            if not faults:
                self._prepare(connection)
            faults += repeated.result()
        if faults:
            raise SnapshotInvalid(faults=faults)
        return connection

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(KEPT)
        found = connection.execute(
            "SELECT contract FROM coverage WHERE ? BETWEEN period_start AND period_end", [self._as_of]
        )
        self._values = bindings(self._as_of, self._parameters, {row[0] for row in found.fetchall()})
        read = read_parts(self._scans.values())
        for part in views_in_order(["person_base", "household_base", *sorted(read)]):
            # Read by one scan alone: what its rules leave aside in any case is left out beforehand.
            is_shared = read[part.name] > 1
            prepared = part.statement(self._values, "" if is_shared else wanted(part, self._scans.values()))
            connection.execute(" ".join(["CREATE TABLE" if is_shared else "CREATE VIEW", part.name, "AS", prepared]))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._folder is not None:
            with suppress(FileNotFoundError):  # the folder that it lies in is gone: another run has taken over
                shutil.rmtree(self._folder)
            self._folder = None
