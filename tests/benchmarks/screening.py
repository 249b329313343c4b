"""`screening`: a run from the snapshot's files to clues with their evidence, beside the same rules by hand in DuckDB.

Ours is the job itself, given the files instead of taking a snapshot: rules bound, files checked, what fired judged, and
clues, hits, audit entries, events and change feed committed. ``SIZE=10m`` makes ten million persons.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import psycopg

from chassis.jobs.context import JobContext
from chassis.jobs.tables import JobState
from chassis.jobs.worker import JobWorker
from chassis.lifecycle import opened
from chassis.program import Program
from chassis.security import scope
from chassis.settings import ProgramSettings
from chassis.start import make_program
from services.monitoring.app import SERVICE
from services.monitoring.screening.actions.request_run import RunCause, request_run
from services.monitoring.screening.export import Snapshot
from services.monitoring.screening.job_parameters import ScreeningParameters
from services.monitoring.screening.jobs import SCREENING
from services.monitoring.screening.parameters import Numbers
from services.monitoring.screening.running import run_screening
from tests.benchmarks.report import Measured
from tests.benchmarks.screening_by_hand import write_hits
from tests.benchmarks.screening_files import COUNTY, HITS_SHARE, ON, write_files
from tests.benchmarks.screening_registry import FILES, HOUSEHOLD, RECORD, filling, households, records
from tests.benchmarks.screening_snapshot import snapshot
from tests.benchmarks.stage import Stage, over, stage

PART = 4
"""The smaller run of `linear` has a fourth of the persons."""

SNAPSHOT_PERSONS = 40_000
"""Enough for rows a second; more would only take longer to put into PostgreSQL."""

_UNITS = {"k": 1_000, "m": 1_000_000}
_WRITTEN = "clue, hit, fact_silence, audit_entry, change, change_fields, outbox, pending"


def persons_asked(size: str) -> int:
    """``2m`` is two million."""
    unit = _UNITS.get(size[-1:].lower())
    return int(size) if unit is None else int(float(size[:-1]) * unit)


def run() -> Iterator[Measured]:
    """Seconds of a run, seconds a million persons at two sizes, rows a second of the snapshot."""
    persons = persons_asked(os.environ.get("SIZE", "2m"))
    with stage() as here:
        small = here.folder / "small"
        write_files(small, SNAPSHOT_PERSONS)
        yield from snapshot(here, small)
    with stage() as here, patch.dict(os.environ, here.environment):
        whole, part, found = here.folder / "whole", here.folder / "part", here.folder / "hits.parquet"
        rows = write_files(whole, persons)
        rows_of_part = write_files(part, persons // PART)
        by_hand = [_seconds(lambda: write_hits(whole, found)) for _ in range(2)]
        _fill(here, whole, found)
        ours = []
        for _ in range(2):
            ours.append(asyncio.run(_screened(whole, rows)))
            _compare(here, found, rows["persons"])
            _empty(here)
        less = asyncio.run(_screened(part, rows_of_part))
        sys.stderr.write(
            f"screening: {rows['persons']} persons, {sum(rows.values())} rows, {_count(found)} hits: "
            f"ours {ours}, by hand {by_hand}; {rows_of_part['persons']} persons: ours {less}\n"
        )
    yield Measured("screening", min(ours), min(by_hand), "s", 1.5, "lower")
    yield Measured(
        "screening.linear",
        min(ours) / rows["persons"] * 1e6,
        less / rows_of_part["persons"] * 1e6,
        "s/1M persons",
        1.2,
        "lower",
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


async def _screened(files: Path, rows: Mapping[str, int]) -> float:
    """Seconds from the snapshot's being there to the end of the run."""
    program = make_program("monitoring", ProgramSettings())  # type: ignore[call-arg]
    spent: list[float] = []

    async def given(_program: Program, _job: JobContext[Any], _on: date, _numbers: Numbers, folder: Path) -> Snapshot:
        linked = _linked(files, folder, rows)
        spent[:] = [time.monotonic()]
        return Snapshot(linked, rows)

    async def timed(context: JobContext[ScreeningParameters]) -> Mapping[str, Any]:
        counts = await run_screening(context)
        spent.append(time.monotonic())
        return counts

    async with opened(SERVICE, program):
        async with program.unit(scope.program("bench", COUNTY)) as unit:
            asked = await request_run(unit, COUNTY, RunCause.BATCH, ON)
        stop = asyncio.Event()
        with patch("services.monitoring.screening.firing.take_snapshot", given):
            working = asyncio.create_task(JobWorker(program, [replace(SCREENING, handler=timed)]).run(stop))
            row = await over(program, asked.job_id)
        stop.set()
        await working
    if row.state != JobState.SUCCEEDED:
        raise RuntimeError(f"the run ended as {row.state} {row.error_code} {row.error}")
    began, ended = spent
    return ended - began


def _linked(files: Path, folder: Path, rows: Mapping[str, int]) -> dict[str, Path]:
    """The files by table, under names of their own: a run removes what it was given."""
    linked = {name: folder / f"{name}.parquet" for name in rows}
    for name, file in linked.items():
        file.hardlink_to(files / f"{name}.parquet")
    return linked


def _fill(here: Stage, files: Path, found: Path) -> None:
    """The registry's households, and the departments' rows behind the hits among others of the same files."""
    with duckdb.connect() as source:
        source.execute(f"CREATE TABLE found AS SELECT DISTINCT record_id FROM read_parquet('{found}')")
        records = [_records(files, table) for table in FILES]
        with filling(here) as copy:
            copy(HOUSEHOLD, households(files), source)
            copy(RECORD, " UNION ALL ".join(records), source)


def _records(files: Path, table: str) -> str:
    """Rows of a department's file: those that hits may name, and of a twentieth of the persons."""
    named = "r.record_id IN (SELECT record_id FROM found) OR hash(r.person_id) % 20 = 0"
    return f"{records(files, table)} WHERE {named}"


def _count(found: Path) -> int:
    return int(duckdb.sql(f"SELECT count(*) FROM read_parquet('{found}')").fetchall()[0][0])


def _compare(here: Stage, found: Path, persons: int) -> None:
    """Both must have found the same, and as many as planned."""
    by_hand = duckdb.sql(f"SELECT rule_id, household_id, person_id FROM read_parquet('{found}')").fetchall()
    with psycopg.connect(here.postgres.superuser_url(here.monitoring.name)) as connection:
        ours = connection.execute("SELECT rule_id, household_id, person_id FROM hit").fetchall()
    if sorted(map(str, ours)) != sorted(map(str, by_hand)):
        raise RuntimeError(f"the run found {len(ours)} hits, the baseline {len(by_hand)}, and not the same")
    if abs(len(ours) / persons - HITS_SHARE) > HITS_SHARE / 10:
        raise RuntimeError(f"{len(ours)} hits are not {HITS_SHARE:.0%} of {persons} persons")


def _empty(here: Stage) -> None:
    with psycopg.connect(here.postgres.superuser_url(here.monitoring.name)) as connection:
        connection.execute(f"TRUNCATE {_WRITTEN} CASCADE")
