"""Run rules over a snapshot in DuckDB, one scan per kind of subject, and hand out each hit with the inputs it saw.

The run works in a private folder that is removed afterwards. After the snapshot is attached DuckDB can reach no other
file, load no extension and change no setting. A step may be executed again after a crash: it gives the same hits.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import duckdb
import pyarrow as pa

from services.monitoring.screening.catalogue import BoundRule, Rule, bind
from services.monitoring.screening.intake import Source, attach, check
from services.monitoring.screening.language.sql import quoted, text_literal
from services.monitoring.screening.prepared.part import bindings
from services.monitoring.screening.prepared.plan import (
    HOUSEHOLD_FACTS,
    Scan,
    household_columns,
    household_facts_sql,
    needed_parts,
    scans,
    source_columns,
    views_in_order,
    wide_sql,
)
from services.monitoring.screening.snapshot import TABLES
from services.monitoring.screening.terms import VOCABULARY

HITS: Final = pa.schema(
    [
        pa.field("rule_id", pa.string(), nullable=False),
        pa.field("rule_version", pa.int32(), nullable=False),
        pa.field("region", pa.int64(), nullable=False),
        pa.field("household_id", pa.string(), nullable=False),
        pa.field("person_id", pa.string()),
        pa.field("record_id", pa.string()),
        pa.field("source_records", pa.list_(pa.string()), nullable=False),
        pa.field("fact_year", pa.int32(), nullable=False),
        pa.field("growing_value", pa.int64()),
        pa.field("inputs", pa.string(), nullable=False),
    ]
)
"""A hit. ``record_id`` is given for rules of the record grain; ``source_records`` are all department rows behind the
inputs, ``fact_year`` is the calendar year of the fact, ``growing_value`` what ends a silence when it grows, and
``inputs`` a JSON object of the columns that the rule reads."""

BATCH_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use of the machine."""

    memory_mib: int = 1024
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a run that can be executed, and repeated, on its own: one scan over one share of the villages."""

    scan: str
    chunk: int
    chunks: int


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
        for step in screening.plan():
            yield from screening.execute(step)


class Screening:
    """An open run; a context manager that leaves nothing behind."""

    def __init__(
        self,
        snapshot: Mapping[str, Source],
        rules: Iterable[Rule],
        parameters: Mapping[str, int],
        as_of: date,
        *,
        limits: Limits | None = None,
        folder: Path | None = None,
    ) -> None:
        self._bound = bind(rules, VOCABULARY, parameters)
        self._scans = {
            scan.name: scan for scan in scans(self._bound) if scan.record_table is None or scan.record_table in snapshot
        }
        self._calendar = {"screening_month": as_of.month, "screening_year": as_of.year}
        self._year = as_of.year
        self._values = bindings(as_of, parameters)
        self._snapshot = snapshot
        self._limits = limits or Limits()
        self._parent = folder
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

    def plan(self, chunks: int = 1) -> list[Step]:
        """The steps of the run in order, always the same for the same rules; villages are dealt out to the chunks."""
        if chunks < 1:
            raise ValueError("a run has at least one chunk")
        return [Step(scan, chunk, chunks) for scan in self._scans for chunk in range(chunks)]

    def execute(self, step: Step) -> Iterator[pa.RecordBatch]:
        """The hits of one step. Take them all before the next step: a run reads one step at a time."""
        if self._connection is None:
            raise RuntimeError("the screening is not open")
        scan = self._scans[step.scan]
        self._connection.execute(self._fired_sql(scan, step))
        for number, rule in enumerate(scan.rules):
            for batch in self._connection.sql(self._hits_sql(rule, number)).to_arrow_reader(BATCH_ROWS):
                if batch.num_rows:
                    yield pa.RecordBatch.from_struct_array(batch.to_struct_array().cast(pa.struct(list(HITS))))

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
        check(connection, {name: TABLES[name] for name in self._snapshot})
        self._prepare(connection)
        return connection

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        columns = household_columns(self._scans.values())
        needed = {part.name for scan in self._scans.values() for part in needed_parts(scan)}
        needed |= {f"{scan.record_table}_rows" for scan in self._scans.values() if scan.record_table}
        for part in views_in_order(["person_base", "household_base", *sorted(needed)]):
            connection.execute(" ".join(["CREATE VIEW", part.name, "AS", part.statement(self._values)]))
        connection.execute(" ".join(["CREATE TABLE", HOUSEHOLD_FACTS, "AS", household_facts_sql(columns)]))

    def _fired_sql(self, scan: Scan, step: Step) -> str:
        conditions = [rule.condition.duckdb() for rule in scan.rules]
        marks = [f"{condition} AS fired_{number}" for number, condition in enumerate(conditions)]
        share = f"region % {step.chunks} = {step.chunk} AND " if step.chunks > 1 else ""
        return " ".join(
            ["CREATE OR REPLACE TEMP TABLE fired AS SELECT *,", ", ".join(marks),
             "FROM (", wide_sql(scan, self._calendar), ") AS wide WHERE", share, "(", " OR ".join(conditions), ")"]
        )  # fmt: skip

    def _hits_sql(self, rule: BoundRule, number: int) -> str:
        inputs = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in rule.condition.columns)
        records = ", ".join(["record_id", *source_columns(rule)])
        growing = quoted(rule.rule.growing.column) if rule.rule.growing else "NULL"
        selected = [
            f"{text_literal(rule.rule.id)} AS rule_id",
            f"CAST({rule.rule.version} AS INTEGER) AS rule_version",
            "region",
            "CAST(household_id AS VARCHAR) AS household_id",
            "CAST(person_id AS VARCHAR) AS person_id",
            "CAST(record_id AS VARCHAR) AS record_id",
            f"list_filter([{records}], lambda source: source IS NOT NULL)::VARCHAR[] AS source_records",
            f"CAST(COALESCE(year(event_date), {self._year}) AS INTEGER) AS fact_year",
            f"CAST({growing} AS BIGINT) AS growing_value",
            f"CAST(to_json(struct_pack({inputs})) AS VARCHAR) AS inputs",
        ]
        return " ".join(["SELECT", ", ".join(selected), "FROM fired WHERE", f"fired_{number}"])

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None
