"""A service's worker does what every service owes without its asking: old files and kept answers go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import MetaData, func, insert, select

from chassis.bus.in_process import InProcessBus
from chassis.errors import Message
from chassis.files.tables import stored_file, stored_object
from chassis.idempotency.purge import KEPT, forget_answers
from chassis.idempotency.tables import idempotency
from chassis.identifiers import new_id
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.operations.tables import operation
from chassis.parameters.reader import ParameterReader
from chassis.program import Program
from chassis.security.scope import PLATFORM, Area
from chassis.service import Service
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY
from chassis.worker import Worker


def answer(program: Program, key: str, *, days_ago: int) -> dict[str, object]:
    return {
        "subject": "test:phone", "method": "POST", "path": "/v1/test", "key": key, "row": new_id(), "body_digest": "x",
        "status": 201, "headers": {}, "answer": b"x", "time": program.clock.system_now() - timedelta(days=days_ago),
    }  # fmt: skip


async def keys(program: Program) -> set[str]:
    async with program.database.transaction(Area.everywhere()) as connection:
        return set((await connection.execute(select(idempotency.c.key))).scalars())


async def files(program: Program) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        return int(await connection.scalar(select(func.count()).select_from(stored_file)) or 0)


@asynccontextmanager
async def working(service: Service, program: Program) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(Worker(service, program, InProcessBus(())).run(stop))
        try:
            yield
        finally:
            stop.set()


def service(*sweeps: Sweep) -> Service:
    return Service("test", Message("测试", "test"), MetaData(), Path(), sweeps=sweeps)


async def test_a_worker_forgets_files_past_their_days_and_answers_past_thirty(make_program):
    program = make_program()
    file = {"id": new_id(), "region": COUNTY, "object_id": new_id(), "purpose": "import", "stored_by": "test:clerk"}
    async with program.database.transaction(Area.everywhere()) as connection:
        content = {"id": file["object_id"], "region": COUNTY, "address": "a", "size": 1, "media": "text/csv"}
        await connection.execute(insert(stored_object).values(content))
        over = program.clock.today() - timedelta(days=1)
        await connection.execute(insert(stored_file).values(**file, assignment=new_id(), keep_until=over))
        await connection.execute(
            insert(idempotency), [answer(program, "old", days_ago=31), answer(program, "young", days_ago=29)]
        )
    async with working(service(), program):

        async def is_done() -> bool:
            return (await files(program), await keys(program)) == (0, {"young"})

        await eventually(is_done)


async def test_operations_are_forgotten_with_the_answers(make_program):
    program = make_program()
    told = {"subject": "test:phone", "row": new_id(), "body_digest": "x", "outcome": "applied", "answer": b"x"}
    now = program.clock.system_now()
    young = new_id()
    async with program.database.transaction(Area.everywhere()) as connection:
        rows = [{**told, "op_id": new_id(), "time": now - timedelta(days=31)}]
        rows.append({**told, "op_id": young, "time": now - timedelta(days=29)})
        await connection.execute(insert(operation), rows)
    async with working(service(), program):

        async def is_done() -> bool:
            async with program.database.transaction(Area.everywhere()) as connection:
                return list(await connection.scalars(select(operation.c.op_id))) == [young]

        await eventually(is_done)


async def test_answers_are_forgotten_chunk_by_chunk(make_program, monkeypatch):
    monkeypatch.setattr("chassis.idempotency.purge._BATCH", 2)
    program = make_program()
    days = KEPT.days + 1
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(insert(idempotency), [answer(program, f"key-{n}", days_ago=days) for n in range(5)])
    assert await forget_answers(SweepRun(program, "idempotency.purge", PLATFORM, program.clock.today())) == 5
    assert await keys(program) == set()


async def test_a_sweep_reads_what_hangs_on_the_program(make_program):
    seen: list[tuple[date, bool]] = []

    async def look(run: SweepRun) -> None:
        async with run.unit() as unit:
            seen.append((run.as_of, isinstance(unit.extras[ParameterReader], ParameterReader)))

    program = make_program()
    async with working(service(Sweep("look", look, per_area=False)), program):
        await eventually(lambda: seen)
    assert seen == [(program.clock.today(), True)]
