"""Import a file of households chunk by chunk: a kill loses and repeats nothing, and every wrong row is told.

A chunk is a few seconds' work and one transaction, with the place to go on from. Of a file for ``atomic=all`` or
``mode=validate`` all chunks are one transaction, which is bounded in persons, since it holds back the change feed.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.files.files import Files
from chassis.files.media import Media
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.import_model import Atomic, Fate, ImportMode, ImportParameters, ImportRefused, TooManyForOne
from chassis.jobs.import_records import RecordFates, count_records, keep_records
from chassis.jobs.tables import import_error
from chassis.tabular import Limits
from services.monitoring.households.importing.applying import Applier, at_once
from services.monitoring.households.importing.findings import open_clash_tasks
from services.monitoring.households.importing.model import Batch, Prepared, Setting
from services.monitoring.households.importing.outcomes import Outcomes
from services.monitoring.households.importing.pool import Workers, workers
from services.monitoring.households.importing.prepare import Preparer
from services.monitoring.households.importing.reading import Pieces, count_lines
from services.monitoring.households.known_areas import counties_on_record, thresholds_at

CHUNK_PERSONS: Final = 8_000
WHOLE_PERSONS_MAX: Final = 50_000
SMALL_BYTES_MAX: Final = 1 << 20
"""Files up to this are prepared in a thread: starting processes would take longer than the work."""
PROCESSES: Final = 2
WRITING_MAX: Final = 2
"""Chunks that are written at once, each by a connection of its own; they commit in the order of the file."""
_NOTE: Final = Message("正在导入，单位：行。", "Importing, counted in rows.")


@dataclass(slots=True)
class _Tally:
    """What is known so far; everything but ``records`` is in the checkpoint."""

    after: int = 0
    offset: int = 0
    refused: int = 0
    unnamed: int = 0
    """Refused households that are none of the registry's."""
    persons_created: int = 0
    persons_updated: int = 0
    persons: int = 0
    records: RecordFates = field(default_factory=RecordFates)

    def take(self, outcomes: Outcomes) -> None:
        self.persons_created += outcomes.persons
        for household in outcomes.created:
            self.records.take(household, Fate.CREATED)
        for outcome in outcomes.others:
            self.refused += bool(outcome.refusals)
            self.persons_created += outcome.persons_created
            self.persons_updated += outcome.persons_updated
            if outcome.household is None:
                self.unnamed += 1
            else:
                self.records.take(outcome.household, outcome.fate)

    def state(self) -> dict[str, int]:
        names = ("after", "offset", "refused", "unnamed", "persons_created", "persons_updated", "persons")
        return {name: getattr(self, name) for name in names}

    def result(self, counts: Mapping[Fate, int]) -> dict[str, int]:
        fates = {fate.value: counts.get(fate, 0) for fate in Fate}
        fates[Fate.IGNORED] += self.unnamed
        return {
            **fates,
            "total": sum(fates.values()),
            "refused": self.refused,
            "persons_created": self.persons_created,
            "persons_updated": self.persons_updated,
        }


class _RollBack(Exception):
    """Ends a transaction that must not last; nothing went wrong."""


def import_kind(
    *, chunk_persons: int = CHUNK_PERSONS, whole_persons_max: int = WHOLE_PERSONS_MAX, processes: int = PROCESSES
) -> JobKind[ImportParameters]:
    """The kind of job that imports households; one at a time in each county.

    Its result counts distinct households: ``{created, updated, unchanged, ignored, total}``, the first four adding up;
    beside them the lines or groups ``refused`` and the persons created and changed.
    """

    async def handler(job: JobContext[ImportParameters]) -> Mapping[str, Any]:
        done = (job.resume or {}).get("result")
        if done is not None:
            return dict(done)
        return await _Import(job, chunk_persons, whole_persons_max, processes).run()

    return JobKind(
        name="household_import",
        parameters=ImportParameters,
        handler=handler,
        lock=lambda _parameters, region: f"household_import:{region}",
    )


HOUSEHOLD_IMPORT: Final = import_kind()


class _Import:
    def __init__(
        self, job: JobContext[ImportParameters], chunk_persons: int, whole_persons_max: int, processes: int
    ) -> None:
        self._job = job
        self._chunk_persons = chunk_persons
        self._whole_persons_max = whole_persons_max
        self._processes = processes
        self._tally = _Tally(**(job.resume or {}))

    async def run(self) -> dict[str, int]:
        job, tally = self._job, self._tally
        files = Files.of(job.program)
        async with job.unit() as unit:
            file = await files.find(unit, job.parameters.file_id)
            self._setting = Setting(
                today=job.program.clock.today(),
                lo=job.area.lo,
                hi=job.area.hi,
                thresholds=await thresholds_at(unit, job.region),
                known_areas=await counties_on_record(unit),
            )
        self._preparer = Preparer(job.program.vault, self._setting)
        whole = job.parameters.mode is ImportMode.VALIDATE or job.parameters.atomic is Atomic.ALL
        with files.open(file) as stream:
            if file.media is Media.NDJSON and tally.after == 0:
                total = await asyncio.to_thread(count_lines, stream)
                await job.progress(0, total, _NOTE)
            pieces = Pieces(stream, file.media, limits=Limits(), after=tally.after, offset=tally.offset)
            if file.size <= SMALL_BYTES_MAX:
                chunks = self._in_thread(pieces)
                return await (self._as_a_whole(chunks) if whole else self._by_chunks(chunks))
            async with workers(job.program.vault.ring, self._setting, processes=self._processes) as pool:
                chunks = self._in_pool(pieces, pool)
                return await (self._as_a_whole(chunks) if whole else self._by_chunks(chunks))

    async def _in_thread(self, pieces: Pieces) -> AsyncIterator[_Chunk]:
        while batch := await asyncio.to_thread(pieces.take, self._chunk_persons):
            offset = pieces.offset
            yield _Chunk(batch, offset, await self._prepare(batch))

    async def _prepare(self, batch: Batch) -> Prepared:
        return await asyncio.to_thread(self._preparer.prepare, batch.pieces)

    async def _in_pool(self, pieces: Pieces, pool: Workers) -> AsyncIterator[_Chunk]:
        """Chunks in order, the next ones being prepared while one is written."""
        ahead: deque[tuple[Batch, int, asyncio.Task[Prepared]]] = deque()
        prepare = self._prepare  # the first one here, while the pool starts
        try:
            while True:
                while len(ahead) <= self._processes:
                    batch = await asyncio.to_thread(pieces.take, self._chunk_persons)
                    if batch is None:
                        break
                    ahead.append((batch, pieces.offset, asyncio.create_task(prepare(batch))))
                    prepare = pool.prepare
                if not ahead:
                    return
                batch, offset, task = ahead.popleft()
                yield _Chunk(batch, offset, await task)
        finally:
            for _, _, task in ahead:
                task.cancel()

    async def _by_chunks(self, chunks: AsyncIterator[_Chunk]) -> dict[str, int]:
        job, tally = self._job, self._tally
        writing: deque[tuple[_Chunk, asyncio.Task[None]]] = deque()
        try:
            async for chunk in chunks:
                while len(writing) == WRITING_MAX or any(chunk.meets(other) for other, _ in writing):
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
            result = tally.result(await count_records(unit, job))
            await job.checkpoint(unit, {"result": result}, done=tally.after, total=tally.after)
        return result

    async def _write(self, chunk: _Chunk, before: asyncio.Task[None] | None) -> None:
        """Write a chunk and commit it after the one ``before``; if that one is not committed, neither is this."""

        async def turn() -> None:
            if before is not None:
                await asyncio.shield(before)

        job, tally = self._job, self._tally
        applier = self._applier(turn)
        async with job.chunk() as unit:
            outcomes = await applier.apply(unit, chunk.batch, chunk.prepared)
            await turn()
            await self._keep_errors(unit, self._take(chunk, outcomes))
            tally.after, tally.offset = chunk.batch.last_row, chunk.offset
            await keep_records(unit, job, tally.records, up_to=tally.after)
            tally.records.clear()
            await job.checkpoint(unit, tally.state(), done=tally.after)
            await open_clash_tasks(unit, applier.clashes.by_region)

    def _applier(self, turn: Callable[[], Awaitable[None]] = at_once) -> Applier:
        return Applier(self._preparer, self._setting, self._job.parameters.strategy, turn)

    async def _as_a_whole(self, chunks: AsyncIterator[_Chunk]) -> dict[str, int]:
        job, tally = self._job, self._tally
        errors: list[dict[str, Any]] = []
        commits = job.parameters.mode is ImportMode.COMMIT
        applier = self._applier()
        try:
            async with job.chunk() as unit:
                async for chunk in chunks:
                    errors += self._take(chunk, await applier.apply(unit, chunk.batch, chunk.prepared))
                    if tally.persons > self._whole_persons_max:
                        raise TooManyForOne
                    await job.progress(chunk.batch.last_row)
                result = tally.result(Counter(tally.records.values()))
                if errors or not commits:
                    raise _RollBack
                await job.checkpoint(unit, {"result": result})
        except _RollBack:
            async with job.chunk() as unit:
                await self._keep_errors(unit, errors)
                if not commits:
                    await job.checkpoint(unit, {"result": result})
                else:
                    await open_clash_tasks(unit, applier.clashes.by_region)
            if commits:
                raise ImportRefused from None
        return result

    def _take(self, chunk: _Chunk, outcomes: Outcomes) -> list[dict[str, Any]]:
        """Take a chunk's outcomes into the tally, and give the errors as rows of ``import_error``."""
        self._tally.persons += sum(ready.persons for ready in chunk.prepared.ready)
        self._tally.take(outcomes)
        errors: dict[tuple[int, int], dict[str, Any]] = {}
        places: Counter[int] = Counter()
        for outcome in outcomes.others:
            for refusal in outcome.refusals:
                position = places[refusal.row]
                places[refusal.row] += 1
                errors[refusal.row, position] = {
                    "job_id": self._job.job_id,
                    "row": refusal.row,
                    "position": position,
                    "region": self._job.region,
                    "column": refusal.column,
                    "code": refusal.code,
                    "message": Message(refusal.zh, refusal.en)._asdict(),
                }
        return list(errors.values())

    async def _keep_errors(self, unit: UnitOfWork, errors: Sequence[dict[str, Any]]) -> None:
        if errors:
            await unit.connection.execute(insert(import_error), errors)


@dataclass(frozen=True, slots=True, repr=False)
class _Chunk:
    """Households of the file, where the next ones begin, and what was prepared of them."""

    batch: Batch
    offset: int
    prepared: Prepared

    def meets(self, other: _Chunk) -> bool:
        """Whether both are about a person or household: then one must be stored before the other is looked at."""
        return not self.prepared.marks.isdisjoint(other.prepared.marks)
