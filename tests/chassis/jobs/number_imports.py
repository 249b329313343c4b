"""An import of numbers, and a worker that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from tests_jobs_kinds import work

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message
from chassis.files.files import Files
from chassis.files.media import TABLES
from chassis.jobs.definition import JobKind, defer
from chassis.jobs.import_model import Fate, ImportMode, ImportParameters, ImportRow, ImportStrategy, Outcome
from chassis.jobs.imports import import_kind
from chassis.jobs.tables import JobState, job
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program
from chassis.security.scope import Area
from chassis.tabular import CellFault, Column, HeaderSpec, Kind
from chassis.testing.programs import COUNTY, officer

QUICK = Pace(poll=0.02, heartbeat=0.1, keep=0.05, again=0.02)
RECORDS = UUID(int=1)
ODD = CellFault("odd", Message("只收偶数。", "Only even amounts are taken."), "amount")


class Sink:
    """Keeps one row of ``work`` for each number; odd amounts are refused, and a known number is updated."""

    columns = (
        Column(name="number", label="编号", kind=Kind.INTEGER, required=True),
        Column(name="amount", label="数量", kind=Kind.INTEGER, required=True),
    )
    header = HeaderSpec(columns)

    def __init__(self, before: Callable[[], Awaitable[None]]) -> None:
        self.before = before

    async def apply(
        self, unit: UnitOfWork, chunk: Sequence[ImportRow], *, mode: ImportMode, strategy: ImportStrategy
    ) -> Sequence[Outcome]:
        await self.before()
        known = dict((await unit.connection.execute(select(work.c.number, work.c.run))).all())
        outcomes = []
        for row in chunk:
            number, amount = row.values["number"], row.values["amount"]
            fate, faults = self.judge(known.get(number), amount, strategy)
            if fate in (Fate.CREATED, Fate.UPDATED):
                known[number] = amount
                statement = insert(work).values(number=number, run=amount)
                await unit.connection.execute(
                    statement.on_conflict_do_update(index_elements=["number"], set_={"run": amount})
                )
            outcomes.append(Outcome(fate, uuid5(RECORDS, str(number)), faults))
        return outcomes

    @staticmethod
    def judge(before: int | None, amount: int, strategy: ImportStrategy) -> tuple[Fate, tuple[CellFault, ...]]:
        if amount % 2:
            return Fate.IGNORED, (ODD,)
        if before == amount:
            return Fate.UNCHANGED, ()
        refused = ImportStrategy.UPDATE if before is None else ImportStrategy.CREATE
        if strategy is refused:
            return Fate.IGNORED, ()
        return (Fate.CREATED if before is None else Fate.UPDATED), ()


def kind(
    *, pause: float = 0.0, before: Callable[[], Awaitable[None]] | None = None, **options: Any
) -> JobKind[ImportParameters]:
    """The import; each chunk of three rows awaits ``before``, or pauses."""
    before = before or partial(asyncio.sleep, pause)
    return import_kind("numbers_import", lambda _job: Sink(before), **{"chunk_rows": 3, **options})


def table_of(*rows: tuple[Any, Any]) -> bytes:
    return "".join(["编号,数量\n", *(f"{number},{amount}\n" for number, amount in rows)]).encode()


async def ask(program: Program, content: bytes, of: JobKind[ImportParameters], **options: Any) -> UUID:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    files = Files.of(program)
    received = await files.receive(chunks(), limit_bytes=1 << 20, accepted=TABLES)
    async with program.unit(officer()) as unit:
        file, _ = await files.keep(unit, received, purpose="import", region=COUNTY, keep_days=1)
        return await defer(unit, of, ImportParameters(file_id=file.id, **options), COUNTY)


@asynccontextmanager
async def working(program: Program, of: JobKind[Any]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(JobWorker(program, [of], pace=QUICK).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def row_of(program: Program, job_id: UUID) -> Any:
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(job).where(job.c.id == job_id))).one()


async def over(program: Program, job_id: UUID) -> Any:
    async with asyncio.timeout(25):
        while not JobState((row := await row_of(program, job_id)).state).is_final:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return row


async def imported(program: Program, content: bytes, of: JobKind[Any] | None = None, **options: Any) -> Any:
    of = of or kind()
    asked = await ask(program, content, of, **options)
    async with working(program, of):
        return await over(program, asked)


async def rows(program: Program, table: Any) -> list[tuple[Any, ...]]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]


def counts(**given: int) -> dict[str, int]:
    zero = dict.fromkeys(("created", "updated", "unchanged", "ignored", "total", "rows", "refused"), 0)
    return zero | given
