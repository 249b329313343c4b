"""Attach a snapshot's tables to DuckDB, and refuse one that breaks what the vocabulary promises."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from chassis.errors import Fault, Message
from services.monitoring.screening.errors import SnapshotInvalid
from services.monitoring.screening.language.sql import quoted, text_literal
from services.monitoring.screening.snapshot import TABLES, empty, number_bounds
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Kind

Source: TypeAlias = pa.Table | Path

WINDOWS: Final = ("rolling", "annual")
# A repeated id here would multiply the rows of every join; rows of departments are joined by these ids only.
_UNIQUE: Final = {"persons": "person_id", "households": "household_id"}
_DUCKDB_TYPES: Final = {
    pa.uuid(): "UUID", pa.int64(): "BIGINT", pa.date32(): "DATE", pa.bool_(): "BOOLEAN", pa.string(): "VARCHAR",
}  # fmt: skip


def attach(connection: duckdb.DuckDBPyConnection, snapshot: Mapping[str, Source]) -> list[str]:
    """Give every table of the snapshot its name in DuckDB, for every cursor; one that is not given is empty.

    Returns the Parquet files that must stay readable.

    :raises SnapshotInvalid: for unknown tables, missing or extra columns and other types.
    """
    faults = [_fault(name, "unknown_table", "快照没有这张表", "is no table of a snapshot")
              for name in snapshot if name not in TABLES]  # fmt: skip
    for name, schema in TABLES.items():
        if name in snapshot:
            source = snapshot[name]
            given = pq.read_schema(source) if isinstance(source, Path) else source.schema
            faults += _column_faults(name, schema, given)
    if faults:
        raise SnapshotInvalid(faults=faults)
    files = []
    for name, schema in TABLES.items():
        source = snapshot.get(name, empty(name))
        columns = ", ".join(f"CAST({quoted(f.name)} AS {_DUCKDB_TYPES[f.type]}) AS {quoted(f.name)}" for f in schema)
        if isinstance(source, Path):
            files.append(str(source.resolve()))
            origin = f"read_parquet({text_literal(files[-1])})"
            connection.execute(" ".join(["CREATE VIEW", name, "AS SELECT", columns, "FROM", origin]))
        else:
            # Only the connection that registers a table of Arrow's sees it, so it is copied.
            connection.register("given", source)
            connection.execute(" ".join(["CREATE TABLE", name, "AS SELECT", columns, "FROM given"]))
            connection.unregister("given")
    return files


def broken_values(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Schema]) -> list[Fault]:
    """A fault for each column with unknown values where one is needed, numbers out of bounds or unpublished codes.

    An unpublished code would satisfy ``NOT IN``: it fails open, so it must stop the run.
    """
    faults = []
    for name, schema in tables.items():
        tests = [test for field in schema for test in _tests(name, field)]
        faults += _broken(connection, name, tests)
    return faults


def repeated_ids(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> list[Fault]:
    """A fault for each table with repeated ids, which would hit twice. It takes as long as many a rule."""
    return [fault for name, key in _UNIQUE.items() if name in tables for fault in _repeated(connection, name, key)]


def _broken(connection: duckdb.DuckDBPyConnection, table: str, tests: list[tuple[str, str]]) -> list[Fault]:
    """A fault for each column with rows that break its description; sound tables cost one plain scan."""
    origin = ["FROM", table, "WHERE", " OR ".join(test for _, test in tests)]
    if connection.execute(" ".join(["SELECT 1", *origin, "LIMIT 1"])).fetchone() is None:
        return []
    selected = ", ".join(f"count(*) FILTER (WHERE {test})" for _, test in tests)
    counts = connection.execute(" ".join(["SELECT", selected, *origin])).fetchone() or ()
    return [
        _fault(f"{table}/{column}", "values", f"有 {count} 行取值不合约定", f"{count} rows break the description")
        for (column, _), count in zip(tests, counts, strict=True)
        if count
    ]


def _tests(table: str, field: pa.Field) -> list[tuple[str, str]]:
    """Conditions under which a row breaks the column's description."""
    column, tests = quoted(field.name), []
    if not field.nullable:
        tests.append((field.name, f"{column} IS NULL"))
    if field.type == pa.int64() and (bounds := number_bounds(field.name)) is not None:
        tests.append((field.name, f"{column} NOT BETWEEN {bounds[0]} AND {bounds[1]}"))
    codes = _codes(table, field.name) if field.type == pa.string() else ()
    if codes:
        tests.append((field.name, f"{column} NOT IN ({', '.join(map(text_literal, codes))})"))
    return tests


def _codes(table: str, column: str) -> tuple[str, ...]:
    if (table, column) == ("income_statements", "window"):
        return WINDOWS
    term = next((term for term in VOCABULARY if term.name == column and term.kind is Kind.TEXT), None)
    return () if term is None else tuple(term.values)


def _repeated(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> list[Fault]:
    # Grouping is several times faster than count(DISTINCT …) over millions of ids.
    query = f"SELECT count(*) FROM (SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1)"  # noqa: S608
    (repeated,) = connection.execute(query).fetchone() or (0,)
    if not repeated:
        return []
    return [_fault(f"{table}/{key}", "repeated", f"有 {repeated} 个编号重复", f"{repeated} ids are repeated")]


def _column_faults(table: str, wanted: pa.Schema, given: pa.Schema) -> list[Fault]:
    faults = []
    for field in wanted:
        if field.name not in given.names:
            faults.append(_fault(f"{table}/{field.name}", "missing_column", "缺少这一列", "is missing"))
        elif not _fits(given.field(field.name).type, field.type):
            faults.append(_fault(f"{table}/{field.name}", "column_type", f"应为 {field.type}", f"must be {field.type}"))
    faults += [
        _fault(f"{table}/{name}", "extra_column", "不应有这一列", "does not belong in a snapshot")
        for name in given.names
        if name not in wanted.names
    ]
    return faults


def _fits(given: pa.DataType, wanted: pa.DataType) -> bool:
    if given == wanted:
        return True
    if wanted == pa.int64():
        return bool(pa.types.is_signed_integer(given))
    return wanted == pa.string() and bool(pa.types.is_large_string(given) or pa.types.is_string_view(given))


def _fault(pointer: str, code: str, zh: str, en: str) -> Fault:
    return Fault(f"/{pointer}", code, Message(f"{pointer}：{zh}。", f"{pointer} {en}."))
