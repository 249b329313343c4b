"""Import a file row by row: parsed, judged, applied and counted in chunks that a kill neither loses nor repeats.

The service says what a row means (:class:`~chassis.jobs.import_model.RowSink`); everything else is the same for every
import of rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.chunked_import import WHOLE_MAX, Applied, ChunkedImport, Piece, Turn
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.import_model import Fate, ImportParameters, ImportRow, Outcome, RowSink
from chassis.tabular import CellFault, Limits, RawRow, open_table, parse_row

CHUNK_ROWS: Final = 1_000


def import_kind(
    name: str,
    sink: Callable[[JobContext[ImportParameters]], RowSink],
    *,
    limits: Limits | None = None,
    chunk_rows: int = CHUNK_ROWS,
    whole_rows_max: int = WHOLE_MAX,
) -> JobKind[ImportParameters]:
    """A kind of job that imports a file through ``sink``; one at a time in each division.

    Its result is that of :class:`~chassis.jobs.chunked_import.ChunkedImport`, a piece being a row.

    :param chunk_rows: rows of one transaction; a few seconds of work at most.
    """

    async def handler(job: JobContext[ImportParameters]) -> Mapping[str, Any]:
        work = _Rows(job.parameters, sink(job), chunk_rows, limits or Limits())
        return await ChunkedImport(job, work, whole_max=whole_rows_max).run()

    return JobKind(name=name, parameters=ImportParameters, handler=handler, lock=lambda _p, region: f"{name}:{region}")


_Judged = tuple[RawRow, dict[str, Any], list[CellFault]]


class _Rows:
    """The work of a sink: a chunk is a list of judged rows."""

    def __init__(self, parameters: ImportParameters, sink: RowSink, chunk_rows: int, limits: Limits) -> None:
        self._parameters = parameters
        self._sink = sink
        self._chunk_rows = chunk_rows
        self._limits = limits

    async def chunks(self, stream: BinaryIO, *, after: int) -> AsyncGenerator[list[_Judged], None]:
        """Rows read and judged in a thread."""
        table = await asyncio.to_thread(open_table, stream, limits=self._limits, header=self._sink.header)
        with table:
            rows = (row for row in table if row.number > after)
            while judged := await asyncio.to_thread(self._judge, rows):
                yield judged

    def _judge(self, rows: Iterator[RawRow]) -> list[_Judged]:
        chunk = islice(rows, self._chunk_rows)
        return [(row, *parse_row(self._sink.columns, row)) for row in chunk]

    def last_row(self, chunk: list[_Judged]) -> int:
        return chunk[-1][0].number

    def meets(self, _chunk: list[_Judged], _earlier: list[_Judged]) -> bool:
        return True  # rows of both may be about one record, which only the sink could tell

    async def apply(self, unit: UnitOfWork, chunk: list[_Judged], _turn: Turn) -> Applied:
        mode, strategy = self._parameters.mode, self._parameters.strategy
        good = [ImportRow(row.number, values) for row, values, faults in chunk if not faults]
        outcomes = iter(await self._sink.apply(unit, good, mode=mode, strategy=strategy) if good else ())
        pieces = []
        for row, _, faults in chunk:
            outcome = Outcome(Fate.IGNORED, faults=faults) if faults else next(outcomes)
            told = [(row.number, fault) for fault in outcome.faults]
            pieces.append(Piece(outcome.fate, outcome.record, told))
        return Applied(pieces, rows=len(chunk), weight=len(chunk))

    async def close_chunk(self, unit: UnitOfWork) -> None:
        """Rows leave nothing for the end of a transaction."""

    async def finish(self, _unit: UnitOfWork, result: Mapping[str, int]) -> Mapping[str, Any]:
        return result
