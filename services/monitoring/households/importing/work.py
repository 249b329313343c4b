"""Bring a file's households into the registry: judged ahead by other processes, new ones of several chunks at once."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.files.media import Media
from chassis.jobs.chunked_import import Applied, Turn
from chassis.jobs.chunked_import import Piece as Counted
from chassis.jobs.context import JobContext
from chassis.jobs.import_model import ImportParameters
from chassis.tabular import CellFault, Limits
from services.monitoring.households.importing.applying import Applier
from services.monitoring.households.importing.findings import open_clash_tasks
from services.monitoring.households.importing.model import Batch, Prepared, Refusal, Setting
from services.monitoring.households.importing.pool import workers
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.importing.reading import Pieces, count_lines

CHUNK_PERSONS: Final = 8_000
PROCESSES: Final = max(1, (os.cpu_count() or 1) // 2)
"""The other cores are PostgreSQL's, which takes more of the time than preparing does."""
SMALL_BYTES_MAX: Final = 1 << 20
"""Files up to this are prepared in a thread: starting processes would take longer than the work."""
_NOTE: Final = Message("正在导入，单位：行。", "Importing, counted in rows.")


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """Households of the file, what was prepared of them, and the marks by which another chunk meets this one."""

    batch: Batch
    prepared: Prepared
    marks: frozenset[int]

    @classmethod
    def of(cls, batch: Batch, prepared: Prepared) -> Chunk:
        return cls(batch, prepared, frozenset(prepared.marks))


class HouseholdWork:
    """The work of one run; see :class:`~chassis.jobs.chunked_import.ImportWork`.

    :param size: of the file, in bytes.
    """

    def __init__(
        self,
        job: JobContext[ImportParameters],
        setting: Setting,
        *,
        media: Media,
        size: int,
        chunk_persons: int = CHUNK_PERSONS,
        processes: int = PROCESSES,
    ) -> None:
        self._job = job
        self._setting = setting
        self._media = media
        self._size = size
        self._chunk_persons = chunk_persons
        self._processes = processes
        self._preparer = Preparer(job.program.vault, setting)
        self._applier = Applier(self._preparer, setting, job.parameters.strategy)

    async def chunks(self, stream: BinaryIO, *, after: int) -> AsyncGenerator[Chunk, None]:
        """Prepared in a thread, or in processes while others are written."""
        if self._media is Media.NDJSON and after < 0:
            await self._job.progress(0, await asyncio.to_thread(count_lines, stream), _NOTE)
        pieces = Pieces(stream, self._media, limits=Limits(), after=max(after, 0))
        if self._size <= SMALL_BYTES_MAX:
            while batch := await asyncio.to_thread(pieces.take, self._chunk_persons):
                yield Chunk.of(batch, await self._prepare(batch))
            return
        async with workers(self._job.program.vault.ring, self._setting, processes=self._processes) as pool:
            ahead: deque[tuple[Batch, asyncio.Task[Prepared]]] = deque()
            prepare = self._prepare  # the first one here, while the pool starts
            try:
                while True:
                    while len(ahead) <= self._processes:
                        next_one = await asyncio.to_thread(pieces.take, self._chunk_persons)
                        if next_one is None:
                            break
                        ahead.append((next_one, asyncio.create_task(prepare(next_one))))
                        prepare = pool.prepare
                    if not ahead:
                        return
                    batch, task = ahead.popleft()
                    yield Chunk.of(batch, await task)
            finally:
                for _, task in ahead:
                    task.cancel()

    async def _prepare(self, batch: Batch) -> Prepared:
        return await asyncio.to_thread(self._preparer.prepare, batch.pieces)

    def last_row(self, chunk: Chunk) -> int:
        return chunk.batch.last_row

    def meets(self, chunk: Chunk, earlier: Chunk) -> bool:
        """Whether both name a person or household: then one must be stored before the other is looked at."""
        return not chunk.marks.isdisjoint(earlier.marks)

    async def apply(self, unit: UnitOfWork, chunk: Chunk, turn: Turn) -> Applied:
        batch = chunk.batch
        outcomes = await self._applier.apply(unit, batch, chunk.prepared, turn)
        return Applied(
            [Counted(one.fate, one.household, [_told(refusal) for refusal in one.refusals]) for one in outcomes],
            rows=len(outcomes) if batch.lines else sum(len(piece.rows or ()) for piece in batch.pieces),
            weight=sum(ready.persons for ready in chunk.prepared.ready),
            counts={
                "persons_created": sum(one.persons_created for one in outcomes),
                "persons_updated": sum(one.persons_updated for one in outcomes),
            },
        )

    async def close_chunk(self, unit: UnitOfWork) -> None:
        await open_clash_tasks(unit, self._applier.take_clashes())

    async def finish(self, _unit: UnitOfWork, result: Mapping[str, int]) -> Mapping[str, Any]:
        return {"persons_created": 0, "persons_updated": 0, **result}


def _told(refusal: Refusal) -> tuple[int, CellFault]:
    return refusal.row, CellFault(refusal.code, Message(refusal.zh, refusal.en), refusal.column)
