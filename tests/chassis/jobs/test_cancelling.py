"""A job is cancelled at once while it waits, after its chunk while it runs, and not at all once it is over."""

from __future__ import annotations

import pytest
from tests_jobs_kinds import COUNTING, CountParameters  # type: ignore[import-not-found]

from chassis.jobs.definition import JobOver, cancel
from chassis.jobs.tables import JobState
from chassis.testing.jobs import working
from chassis.testing.programs import officer
from tests.chassis.jobs.working import ask, done, numbers, queued_rows, row_of, until


async def test_a_waiting_job_is_cancelled_at_once(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=1, pause=0))
    async with program.unit(officer()) as unit:
        assert await cancel(unit, asked) is JobState.CANCELLED
    async with program.unit(officer()) as unit:
        assert await cancel(unit, asked) is JobState.CANCELLED, "twice is as good as once"
    assert await queued_rows(program) == 0
    assert (await row_of(program, asked)).finished_at is not None


async def test_a_running_job_stops_after_its_chunk_and_keeps_what_it_did(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=1000, pause=0.05))
    async with working(program, COUNTING):
        await until(program, asked, JobState.RUNNING)
        await done(program, 1)
        async with program.unit(officer()) as unit:
            assert await cancel(unit, asked) is JobState.RUNNING
        row = await until(program, asked, JobState.CANCELLED)
    assert await numbers(program) == list(range(row.resume["next"]))
    assert 0 < row.resume["next"] < 1000


async def test_a_job_that_is_over_cannot_be_cancelled(make_job_program):
    program = make_job_program()
    asked = await ask(program, COUNTING, CountParameters(upto=1, pause=0))
    async with working(program, COUNTING):
        await until(program, asked, JobState.SUCCEEDED)
    with pytest.raises(JobOver):
        async with program.unit(officer()) as unit:
            await cancel(unit, asked)
