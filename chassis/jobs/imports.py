"""Import a file row by row: parsed, judged, applied and counted in chunks that a kill neither loses nor repeats.

The service says what a row means (:class:`~chassis.jobs.import_model.RowSink`); everything else is the same for every
import. A file of ``atomic=row`` is applied in chunks of a transaction each, and what is wrong is listed row by row.
``atomic=all`` and ``mode=validate`` need the whole file in one transaction, which is bounded in rows, since it holds
back the change feed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.import_model import (
    Atomic,
    Fate,
    ImportMode,
    ImportParameters,
    ImportRefused,
    ImportRow,
    Outcome,
    RowSink,
    TooManyForOne,
)
from chassis.jobs.import_records import RecordFates, count_records, keep_records
from chassis.jobs.tables import import_error
from chassis.tabular import CellFault, Limits, RawRow, Table, open_table, parse_row

CHUNK_ROWS: Final = 1_000
WHOLE_ROWS_MAX: Final = 50_000


def import_kind(
    name: str,
    sink: Callable[[JobContext[ImportParameters]], RowSink],
    *,
    limits: Limits | None = None,
    chunk_rows: int = CHUNK_ROWS,
    whole_rows_max: int = WHOLE_ROWS_MAX,
) -> JobKind[ImportParameters]:
    """A kind of job that imports a file through ``sink``; one at a time in each division.

    Its result is ``{created, updated, unchanged, ignored, total, rows, refused}``: the first five in distinct records,
    adding up, the last two in rows.

    :param chunk_rows: rows of one transaction; a few seconds of work at most.
    """

    async def handler(job: JobContext[ImportParameters]) -> Mapping[str, Any]:
        done = (job.resume or {}).get("result")
        if done is not None:
            return dict(done)
        work = _Import(job, sink(job), chunk_rows, whole_rows_max)
        return await work.run(limits or Limits())

    return JobKind(name=name, parameters=ImportParameters, handler=handler, lock=lambda _p, region: f"{name}:{region}")


@dataclass
class _Tally:
    """What is known of the rows so far."""

    after: int = -1
    rows: int = 0
    refused: int = 0
    unnamed: int = 0
    """Refused rows that are about no known record."""
    records: RecordFates = field(default_factory=RecordFates)

    def take(self, outcome: Outcome) -> None:
        self.rows += 1
        self.refused += bool(outcome.faults)
        if outcome.record is None:
            self.unnamed += 1
            return
        self.records.take(outcome.record, outcome.fate)

    def state(self) -> dict[str, int]:
        return {"after": self.after, "rows": self.rows, "refused": self.refused, "unnamed": self.unnamed}

    def result(self, counts: Mapping[Fate, int]) -> dict[str, int]:
        fates = {fate.value: counts.get(fate, 0) for fate in Fate}
        fates[Fate.IGNORED] += self.unnamed
        return {**fates, "total": sum(fates.values()), "rows": self.rows, "refused": self.refused}


class _RollBack(Exception):
    """Ends a transaction that must not last; nothing went wrong."""


_Judged = tuple[RawRow, dict[str, Any], list[CellFault]]


class _Import:
    def __init__(self, job: JobContext[ImportParameters], sink: RowSink, chunk_rows: int, whole_rows_max: int) -> None:
        self._job = job
        self._sink = sink
        self._chunk_rows = chunk_rows
        self._whole_rows_max = whole_rows_max
        resumed = {name: value for name, value in (job.resume or {}).items() if name != "result"}
        self._tally = _Tally(**resumed)

    async def run(self, limits: Limits) -> dict[str, int]:
        files = Files.of(self._job.program)
        async with self._job.unit() as unit:
            file = await files.find(unit, self._job.parameters.file_id)
        with files.open(file) as stream:
            table = await asyncio.to_thread(open_table, stream, limits=limits, header=self._sink.header)
            with table:
                parameters = self._job.parameters
                if parameters.mode is ImportMode.COMMIT and parameters.atomic is Atomic.ROW:
                    return await self._by_chunks(table)
                return await self._as_a_whole(table)

    async def _by_chunks(self, table: Table) -> dict[str, int]:
        job, tally = self._job, self._tally
        async for judged in self._chunks(table):
            async with job.chunk() as unit:
                errors = await self._apply(unit, judged)
                await self._keep_errors(unit, errors)
                tally.after = judged[-1][0].number
                await keep_records(unit, job, tally.records, up_to=tally.after)
                await job.checkpoint(unit, tally.state(), done=tally.rows)
            tally.records.clear()
        async with job.chunk() as unit:
            result = tally.result(await count_records(unit, job))
            await job.checkpoint(unit, {"result": result}, done=tally.rows, total=tally.rows)
        return result

    async def _as_a_whole(self, table: Table) -> dict[str, int]:
        job, tally = self._job, self._tally
        errors: list[dict[str, Any]] = []
        refused_as_one = job.parameters.mode is ImportMode.COMMIT
        try:
            async with job.chunk() as unit:
                async for judged in self._chunks(table):
                    errors += await self._apply(unit, judged)
                    if tally.rows > self._whole_rows_max:
                        raise TooManyForOne
                    await job.progress(tally.rows)
                result = tally.result(Counter(tally.records.values()))
                if errors or not refused_as_one:
                    raise _RollBack
                await job.checkpoint(unit, {"result": result}, done=tally.rows, total=tally.rows)
        except _RollBack:
            async with job.chunk() as unit:
                await self._keep_errors(unit, errors)
                if not refused_as_one:
                    await job.checkpoint(unit, {"result": result}, done=tally.rows, total=tally.rows)
            if refused_as_one:
                raise ImportRefused from None
        return result

    async def _chunks(self, table: Table) -> AsyncIterator[list[_Judged]]:
        """Rows read and judged in a thread, without those that an earlier run has done."""
        rows = (row for row in table if row.number > self._tally.after)
        while judged := await asyncio.to_thread(self._judge, rows):
            yield judged

    def _judge(self, rows: Iterator[RawRow]) -> list[_Judged]:
        chunk = islice(rows, self._chunk_rows)
        return [(row, *parse_row(self._sink.columns, row)) for row in chunk]

    async def _apply(self, unit: UnitOfWork, judged: Sequence[_Judged]) -> list[dict[str, Any]]:
        """Apply a chunk, take its outcomes into the tally, and give the errors as rows of ``import_error``."""
        parameters = self._job.parameters
        good = [ImportRow(row.number, values) for row, values, faults in judged if not faults]
        outcomes = iter(
            await self._sink.apply(unit, good, mode=parameters.mode, strategy=parameters.strategy) if good else ()
        )
        errors: list[dict[str, Any]] = []
        for row, _, faults in judged:
            outcome = Outcome(Fate.IGNORED, faults=faults) if faults else next(outcomes)
            self._tally.take(outcome)
            errors += [self._error(row.number, at, fault) for at, fault in enumerate(outcome.faults)]
        return errors

    def _error(self, number: int, position: int, fault: CellFault) -> dict[str, Any]:
        return {
            "job_id": self._job.job_id,
            "row": number,
            "position": position,
            "region": self._job.region,
            "column": fault.column or "",
            "code": fault.code,
            "message": fault.message._asdict(),
        }

    async def _keep_errors(self, unit: UnitOfWork, errors: Sequence[dict[str, Any]]) -> None:
        if errors:
            await unit.connection.execute(insert(import_error), errors)
