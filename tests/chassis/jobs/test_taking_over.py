"""What a worker that died began is taken over, once, from its last checkpoint."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from tests_jobs_kinds import COUNTING, CountParameters, count, work  # type: ignore[import-not-found]

from chassis.jobs import ledger
from chassis.jobs.context import JobContext, JobTaken
from chassis.jobs.definition import cancel
from chassis.jobs.queue import queue_on
from chassis.jobs.tables import JobState
from chassis.program import Program
from chassis.security.scope import Area
from chassis.testing.jobs import working
from chassis.testing.programs import officer
from tests.chassis.jobs.working import ask, done, kind, numbers, queued_rows, row_of, until


async def begun_by_a_dead_worker(program: Program, asked: UUID) -> Any:
    """What a worker leaves behind that is killed after it began the job."""
    async with program.database.transaction(Area.everywhere()) as connection:
        worker = await queue_on(connection).register_worker()
        taken = await ledger.take(connection, worker)
    assert taken is not None
    async with program.database.transaction(Area.everywhere()) as connection:
        row = await ledger.start(connection, taken)
        await connection.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour' WHERE id = :id"),
            {"id": worker},
        )
    assert row.id == asked
    return row


async def test_what_a_run_writes_after_another_has_begun_is_rolled_back(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=3, pause=0))
    row = await begun_by_a_dead_worker(program, asked)
    thought_dead = JobContext(program, row=row, parameters=CountParameters(upto=3, pause=0), is_stopping=lambda: False)
    async with working(program, COUNTING):
        assert (await until(program, asked, JobState.SUCCEEDED)).run == 2
    with pytest.raises(JobTaken):
        async with thought_dead.chunk() as unit:
            await unit.connection.execute(insert(work).values(number=99))
    with pytest.raises(JobTaken):
        await thought_dead.progress(99)
    assert await numbers(program) == [0, 1, 2]
    assert (await row_of(program, asked)).progress_done == 3


async def test_a_job_that_is_taken_over_before_it_began_runs_once_and_ends(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=3, pause=0))
    async with program.database.transaction(Area.everywhere()) as connection:
        worker = await queue_on(connection).register_worker()
        taken = await ledger.take(connection, worker)
    async with program.database.transaction(Area.everywhere()) as connection:
        await ledger.take_over_dead(connection, stalled_seconds=-1, attempts_max={}, at=program.clock.system_now())
    async with program.database.transaction(Area.everywhere()) as connection:
        assert await ledger.start(connection, taken) is None
    async with working(program, COUNTING):
        assert (await until(program, asked, JobState.SUCCEEDED)).run == 1
    assert await numbers(program) == [0, 1, 2]
    assert await queued_rows(program) == 0


async def test_what_a_run_says_of_its_failure_after_another_has_begun_is_rolled_back(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=3, pause=0))
    row = await begun_by_a_dead_worker(program, asked)
    thought_dead = JobContext(program, row=row, parameters=CountParameters(upto=3, pause=0), is_stopping=lambda: False)
    async with thought_dead.closing() as unit:
        await unit.connection.execute(insert(work).values(number=50))
    async with working(program, COUNTING):
        await until(program, asked, JobState.SUCCEEDED)
    async with thought_dead.closing() as unit:
        await unit.connection.execute(insert(work).values(number=99))
    assert await numbers(program) == [0, 1, 2, 50]


async def test_a_job_that_kills_its_worker_every_time_fails_after_its_last_attempt(make_job_program):
    program = make_job_program()
    deadly = kind(count, attempts_max=2)
    asked = await ask(program, deadly)
    for attempt in (1, 2):
        assert (await begun_by_a_dead_worker(program, asked)).attempts == attempt
        async with program.database.transaction(Area.everywhere()) as connection:
            taken = await ledger.take_over_dead(
                connection, stalled_seconds=30, attempts_max={"count": 2}, at=program.clock.system_now()
            )
        assert taken == 1
    row = await row_of(program, asked)
    assert (row.state, row.error_code) == ("failed", "job_died")
    assert await queued_rows(program) == 0


async def test_a_job_cancelled_while_its_worker_was_dead_does_not_begin_again(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=3, pause=0))
    await begun_by_a_dead_worker(program, asked)
    async with program.unit(officer()) as unit:
        await cancel(unit, asked)
    async with working(program, COUNTING):
        await until(program, asked, JobState.CANCELLED)
    assert await numbers(program) == []


@pytest.mark.budget(60)
async def test_after_kill_9_a_job_goes_on_from_its_checkpoint_and_nothing_is_done_twice(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=40, pause=0.05))
    url = program.database.engine.url.render_as_string(hide_password=False)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _VICTIM, json.dumps(sys.path), url, cwd="/", stdout=asyncio.subprocess.DEVNULL
    )
    await done(program, 5)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    assert (await row_of(program, asked)).state == "running", "nobody has noticed yet"
    async with working(program, COUNTING):
        row = await until(program, asked, JobState.SUCCEEDED, seconds=20)
    assert await numbers(program) == list(range(40)), "the primary key refuses a chunk that is done twice"
    assert (row.run, row.result) == (2, {"counted": 40})
    async with program.database.transaction(Area.everywhere()) as connection:
        runs = dict((await connection.execute(text("SELECT run, count(*) FROM work GROUP BY 1"))).all())
    assert runs[1] >= 5
    assert runs[1] + runs[2] == 40


_VICTIM = """
import asyncio, json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from chassis.database.provision import ServiceDatabase
from chassis.jobs.worker import JobWorker, Pace
from chassis.testing.programs import make_program
from tests_jobs_kinds import COUNTING

async def main():
    program = make_program("victim", ServiceDatabase("t", sys.argv[2], sys.argv[2], sys.argv[2]), Path("/nonexistent"))
    await JobWorker(program, [COUNTING], pace=Pace(poll=0.02)).run(asyncio.Event())

asyncio.run(main())
"""
