"""Drive an import chunk by chunk, whatever its file holds: counted in records, with every refusal listed by row.

What one piece of a file is (a row, a household of several rows) and what becomes of it, an :class:`ImportWork` says. A
file of ``atomic=row`` is applied in chunks of a transaction each, and a kill neither loses nor repeats one.
``atomic=all`` and ``mode=validate`` need the whole file in one transaction, which is bounded, since it holds back the
change feed.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files
from chassis.jobs.context import JobContext
from chassis.jobs.import_model import Atomic, Fate, ImportMode, ImportParameters, ImportRefused, TooManyForOne
from chassis.jobs.import_records import RecordFates, count_records, keep_records
from chassis.jobs.tables import import_error
from chassis.tabular import CellFault

WHOLE_MAX: Final = 50_000
WRITING_MAX: Final = 3
"""Chunks that are written at once, each by a connection of its own, if the pool has as many."""
Chunk = TypeVar("Chunk")
Turn: TypeAlias = Callable[[], Awaitable[None]]
"""Waits until every chunk before is committed."""


class Piece(NamedTuple):
    """What became of one piece of the file.

    :param record: the record that it is about, if that is known; a piece without one counts for itself.
    :param faults: why it was refused, each with its row as the sender counts.
    """

    fate: Fate
    record: UUID | None = None
    faults: Sequence[tuple[int, CellFault]] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a chunk.

    :param rows: how many rows of the file it has.
    :param weight: how much of what one transaction may carry it takes up.
    :param counts: what it adds to further figures of the result, by name.
    """

    pieces: Sequence[Piece]
    rows: int
    weight: int
    counts: Mapping[str, int] = field(default_factory=dict)


class ImportWork(Protocol[Chunk]):
    """One kind of import's side of the work; made anew for each run."""

    def chunks(self, stream: BinaryIO, *, after: int) -> AsyncGenerator[Chunk, None]:
        """The file's chunks in order, without the rows up to ``after``, which an earlier run has done."""
        ...

    def last_row(self, chunk: Chunk) -> int:
        """The last row of a chunk, as the sender counts."""
        ...

    def meets(self, chunk: Chunk, earlier: Chunk) -> bool:
        """Whether ``earlier`` must be committed before ``chunk`` is looked at. If it never need be, say no at once."""
        ...

    async def apply(self, unit: UnitOfWork, chunk: Chunk, turn: Turn) -> Applied:
        """Judge and write a chunk with set-based statements; refused pieces are outcomes, not exceptions.

        :param turn: to be awaited before rows are locked that a chunk before, met or not, may have locked.
        """
        ...

    async def close_chunk(self, unit: UnitOfWork) -> None:
        """Do what must come last in a transaction that will be committed, refusals alone among them."""
        ...

    async def finish(self, unit: UnitOfWork, result: Mapping[str, int]) -> Mapping[str, Any]:
        """Do, in the import's last transaction, what all of the file asks for; gives the result to keep."""
        ...


@dataclass
class _Tally:
    """What is known so far; everything but ``records`` is in the checkpoint."""

    after: int = -1
    rows: int = 0
    refused: int = 0
    unnamed: int = 0
    """Pieces that are about no known record."""
    counts: Counter[str] = field(default_factory=Counter)
    records: RecordFates = field(default_factory=RecordFates)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> _Tally:
        counts: Counter[str] = Counter(state.get("counts", {}))
        numbers = {name: state[name] for name in ("after", "rows", "refused", "unnamed") if name in state}
        return cls(**numbers, counts=counts)

    def take(self, applied: Applied) -> None:
        self.rows += applied.rows
        self.counts.update(applied.counts)
        for fate, record, faults in applied.pieces:
            self.refused += bool(faults)
            if record is None:
                self.unnamed += 1
            else:
                self.records.take(record, fate)

    def state(self) -> dict[str, Any]:
        names = ("after", "rows", "refused", "unnamed")
        return {name: getattr(self, name) for name in names} | {"counts": dict(self.counts)}

    def result(self, fates: Mapping[Fate, int]) -> dict[str, int]:
        counted = {fate.value: fates.get(fate, 0) for fate in Fate}
        counted[Fate.IGNORED] += self.unnamed
        own = {"total": sum(counted.values()), "rows": self.rows, "refused": self.refused}
        return {**counted, **own, **self.counts}


class _RollBack(Exception):
    """Ends a transaction that must not last; nothing went wrong."""


async def at_once() -> None:
    """The turn of a chunk that has none before it."""


class ChunkedImport(Generic[Chunk]):
    """One run of an import.

    Its result is ``{created, updated, unchanged, ignored, total, rows, refused, …}``: the first five in distinct
    records, adding up, ``rows`` in rows, ``refused`` in pieces, then the further figures of the work.
    """

    def __init__(self, job: JobContext[Any], work: ImportWork[Chunk], *, whole_max: int = WHOLE_MAX) -> None:
        self._job = job
        self._work = work
        self._whole_max = whole_max
        self._tally = _Tally.of(job.resume or {})
        # A worker runs two jobs, and each also shows its progress by a connection of its own.
        self._writing_max = max(1, min(WRITING_MAX, job.program.settings.database_pool_size // 2 - 1))

    async def run(self) -> Mapping[str, Any]:
        """Import the file, or what an earlier run has left of it.

        :raises ImportRefused: if one refusal refuses all; TooManyForOne for a file too long for one transaction.
        """
        done = (self._job.resume or {}).get("result")
        if done is not None:
            return dict(done)
        parameters: ImportParameters = self._job.parameters
        files = Files.of(self._job.program)
        async with self._job.unit() as unit:
            file = await files.find(unit, parameters.file_id)
        with files.open(file) as stream:
            # Closed before the stream is: the work may be reading ahead.
            async with aclosing(self._work.chunks(stream, after=self._tally.after)) as chunks:
                if parameters.mode is ImportMode.COMMIT and parameters.atomic is Atomic.ROW:
                    return await self._by_chunks(chunks)
                return await self._as_a_whole(chunks)

    async def _by_chunks(self, chunks: AsyncIterator[Chunk]) -> Mapping[str, Any]:
        job, tally, work = self._job, self._tally, self._work
        writing: deque[tuple[Chunk, asyncio.Task[None]]] = deque()
        try:
            async for chunk in chunks:
                while len(writing) == self._writing_max or any(work.meets(chunk, earlier) for earlier, _ in writing):
                    await writing.popleft()[1]
                before = writing[-1][1] if writing else None
                writing.append((chunk, asyncio.create_task(self._write(chunk, before))))
            while writing:
                await writing.popleft()[1]
        finally:
            for _, task in writing:
                task.cancel()
            await asyncio.gather(*(task for _, task in writing), return_exceptions=True)
        async with job.chunk() as unit:
            result = await work.finish(unit, tally.result(await count_records(unit, job)))
            await job.checkpoint(unit, {"result": dict(result)}, done=tally.rows, total=tally.rows)
        return result

    async def _write(self, chunk: Chunk, before: asyncio.Task[None] | None) -> None:
        """Write a chunk and commit it after the one ``before``; if that one is not committed, neither is this."""

        async def turn() -> None:
            if before is not None:
                await asyncio.shield(before)

        job, tally = self._job, self._tally
        async with job.chunk() as unit:
            applied = await self._work.apply(unit, chunk, turn)
            await turn()
            tally.take(applied)
            tally.after = self._work.last_row(chunk)
            await self._keep_errors(unit, self._errors(applied))
            await keep_records(unit, job, tally.records, up_to=tally.after)
            tally.records.clear()
            await job.checkpoint(unit, tally.state(), done=tally.rows)
            await self._work.close_chunk(unit)

    async def _as_a_whole(self, chunks: AsyncIterator[Chunk]) -> Mapping[str, Any]:
        job, tally = self._job, self._tally
        errors: list[dict[str, Any]] = []
        result: Mapping[str, Any] = {}
        weight = 0
        commits = job.parameters.mode is ImportMode.COMMIT
        try:
            async with job.chunk() as unit:
                async for chunk in chunks:
                    applied = await self._work.apply(unit, chunk, at_once)
                    tally.take(applied)
                    errors += self._errors(applied)
                    weight += applied.weight
                    if weight > self._whole_max:
                        raise TooManyForOne
                    await job.progress(tally.rows)
                result = counted = tally.result(Counter(tally.records.values()))
                if errors or not commits:
                    raise _RollBack
                result = await self._work.finish(unit, counted)
                await job.checkpoint(unit, {"result": dict(result)}, done=tally.rows, total=tally.rows)
                await self._work.close_chunk(unit)
        except _RollBack:
            async with job.chunk() as unit:
                await self._keep_errors(unit, errors)
                if not commits:
                    await job.checkpoint(unit, {"result": dict(result)}, done=tally.rows, total=tally.rows)
                else:
                    await self._work.close_chunk(unit)
            if commits:
                raise ImportRefused from None
        return result

    def _errors(self, applied: Applied) -> list[dict[str, Any]]:
        """A chunk's errors as rows of ``import_error``."""
        errors: list[dict[str, Any]] = []
        places: Counter[int] = Counter()
        for piece in applied.pieces:
            for row, fault in piece.faults:
                errors.append(self._error(row, places[row], fault))
                places[row] += 1
        return errors

    def _error(self, row: int, position: int, fault: CellFault) -> dict[str, Any]:
        return {
            "job_id": self._job.job_id,
            "row": row,
            "position": position,
            "region": self._job.region,
            "column": fault.column or "",
            "code": fault.code,
            "message": fault.message._asdict(),
        }

    async def _keep_errors(self, unit: UnitOfWork, errors: Sequence[dict[str, Any]]) -> None:
        if errors:
            await unit.connection.execute(insert(import_error), errors)
