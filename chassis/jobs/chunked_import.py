"""Drive an import chunk by chunk, whatever its file holds: counted in records, with every refusal listed by row.

What one piece of a file is (a row, a household of several rows) and what becomes of it, an :class:`ImportWork` says. A
file of ``atomic=row`` is applied in chunks of a transaction each, and a kill neither loses nor repeats one.
``atomic=all`` and ``mode=validate`` need the whole file in one transaction, which is bounded in rows, since it holds
back the change feed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import Files
from chassis.jobs.context import JobContext
from chassis.jobs.import_model import RANKS, Atomic, Fate, ImportMode, ImportParameters, ImportRefused, TooManyForOne
from chassis.jobs.tables import import_error, import_record
from chassis.tabular import CellFault

WHOLE_ROWS_MAX: Final = 50_000
Chunk = TypeVar("Chunk")


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of one piece of the file.

    :param rows: how many rows of the file it has.
    :param record: the record that it is about, if that is known; a piece without one counts for itself.
    :param faults: why it was refused, each with its row as the sender counts.
    :param counts: what it adds to further figures of the result, by name.
    """

    fate: Fate
    record: UUID | None = None
    rows: int = 1
    faults: Sequence[tuple[int, CellFault]] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


class ImportWork(Protocol[Chunk]):
    """One kind of import's side of the work; made anew for each run."""

    def chunks(self, stream: BinaryIO, *, after: int) -> AsyncGenerator[Chunk, None]:
        """The file's chunks in order, without the rows up to ``after``, which an earlier run has done."""
        ...

    def last_row(self, chunk: Chunk) -> int:
        """The last row of a chunk, as the sender counts."""
        ...

    async def apply(self, unit: UnitOfWork, chunk: Chunk) -> Sequence[Piece]:
        """Judge and write a chunk with set-based statements; refused pieces are outcomes, not exceptions."""
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
    records: dict[UUID, Fate] = field(default_factory=dict)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> _Tally:
        counts: Counter[str] = Counter(state.get("counts", {}))
        numbers = {name: state[name] for name in ("after", "rows", "refused", "unnamed") if name in state}
        return cls(**numbers, counts=counts)

    def take(self, piece: Piece) -> None:
        self.rows += piece.rows
        self.refused += bool(piece.faults)
        self.counts.update(piece.counts)
        if piece.record is None:
            self.unnamed += 1
            return
        best = self.records.get(piece.record, Fate.IGNORED)
        self.records[piece.record] = max(best, piece.fate, key=lambda fate: fate.rank)

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


class ChunkedImport(Generic[Chunk]):
    """One run of an import.

    Its result is ``{created, updated, unchanged, ignored, total, rows, refused, …}``: the first five in distinct
    records, adding up, ``rows`` in rows, ``refused`` in pieces, then the further figures of the work.
    """

    def __init__(self, job: JobContext[Any], work: ImportWork[Chunk], *, whole_rows_max: int = WHOLE_ROWS_MAX) -> None:
        self._job = job
        self._work = work
        self._whole_rows_max = whole_rows_max
        self._tally = _Tally.of(job.resume or {})

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
        job, tally = self._job, self._tally
        async for chunk in chunks:
            async with job.chunk() as unit:
                await self._keep_errors(unit, await self._apply(unit, chunk))
                await self._keep_records(unit)
                tally.after = self._work.last_row(chunk)
                await job.checkpoint(unit, tally.state(), done=tally.rows)
                await self._work.close_chunk(unit)
            tally.records.clear()
        async with job.chunk() as unit:
            counted = await unit.connection.execute(
                select(import_record.c.fate, func.count())
                .where(import_record.c.job_id == job.job_id)
                .group_by(import_record.c.fate)
            )
            counts = tally.result({RANKS[rank]: number for rank, number in counted})
            await unit.connection.execute(delete(import_record).where(import_record.c.job_id == job.job_id))
            result = await self._work.finish(unit, counts)
            await job.checkpoint(unit, {"result": dict(result)}, done=tally.rows, total=tally.rows)
        return result

    async def _as_a_whole(self, chunks: AsyncIterator[Chunk]) -> Mapping[str, Any]:
        job, tally = self._job, self._tally
        errors: list[dict[str, Any]] = []
        result: Mapping[str, Any] = {}
        commits = job.parameters.mode is ImportMode.COMMIT
        try:
            async with job.chunk() as unit:
                async for chunk in chunks:
                    errors += await self._apply(unit, chunk)
                    if tally.rows > self._whole_rows_max:
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

    async def _apply(self, unit: UnitOfWork, chunk: Chunk) -> list[dict[str, Any]]:
        """Apply a chunk, take its outcomes into the tally, and give the errors as rows of ``import_error``."""
        errors: list[dict[str, Any]] = []
        places: Counter[int] = Counter()
        for piece in await self._work.apply(unit, chunk):
            self._tally.take(piece)
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

    async def _keep_records(self, unit: UnitOfWork) -> None:
        job = self._job
        rows = [
            {"job_id": job.job_id, "record": record, "region": job.region, "fate": fate.rank}
            for record, fate in self._tally.records.items()
        ]
        if rows:
            statement = upsert(import_record)
            best = {"fate": func.greatest(import_record.c.fate, statement.excluded.fate)}
            merged = statement.on_conflict_do_update(index_elements=["job_id", "record"], set_=best)
            await unit.connection.execute(merged, rows)
