"""Each business day is swept once per area, in order, however far the date jumps; periodic work comes once a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from chassis.clock import FixedClock
from chassis.jobs.context import JobContext
from chassis.jobs.definition import JobKind
from chassis.jobs.periodic import Periodic, defer_due, platform_unit
from chassis.jobs.sweeps import SWEEPS, Sweep, SweepRun
from chassis.jobs.tables import job, sweep_day
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import PLATFORM, Area
from chassis.testing.programs import COUNTY, officer
from chassis.types import Model

OTHER = 610998000000
QUICK = Pace(poll=0.02, heartbeat=0.1, keep=0.03, again=0.02, grace=5.0)


class NoParameters(Model):
    pass


async def two_counties(_program: Program) -> list[int]:
    return [OTHER, COUNTY]


@asynccontextmanager
async def sweeping(program: Program, *sweeps: Sweep, **options: Any) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(program, [], sweeps=sweeps, areas=two_counties, pace=QUICK, **options)
    running = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def days_done(program: Program, name: str, region: int) -> list[date]:
    async with program.database.transaction(Area.everywhere()) as connection:
        of_one = select(sweep_day.c.day).where(sweep_day.c.sweep == name, sweep_day.c.region == region)
        return list((await connection.execute(of_one.order_by(sweep_day.c.day))).scalars())


async def swept_to(program: Program, name: str, region: int, day: date) -> None:
    async with asyncio.timeout(25):
        while day not in await days_done(program, name, region):  # noqa: ASYNC110  # it is in a database
            await asyncio.sleep(0.02)


async def jobs_over(program: Program, kind: str, state: str) -> int:
    async with program.database.transaction(Area.everywhere()) as connection:
        return len((await connection.execute(select(job.c.id).where(job.c.kind == kind, job.c.state == state))).all())


async def test_a_jump_of_the_date_runs_every_sweep_for_every_day_in_order(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    first = clock.today()
    calls: list[tuple[date, str, int]] = []

    async def note(run: SweepRun) -> None:
        calls.append((run.as_of, run.sweep, run.region))

    async with sweeping(program, Sweep("deadlines", note), Sweep("ledger", note, per_area=False)):
        await swept_to(program, "ledger", PLATFORM, first)
        clock.move(days=5)
        await swept_to(program, "ledger", PLATFORM, first + timedelta(days=5))
    expected = [
        (first + timedelta(days=n), name, region)
        for n in range(6)
        for name, region in (("deadlines", OTHER), ("deadlines", COUNTY), ("ledger", PLATFORM))
    ]
    assert calls == expected


async def test_a_date_set_back_sweeps_nothing_twice(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    first = clock.today()
    calls: list[date] = []

    async def note(run: SweepRun) -> None:
        calls.append(run.as_of)

    async with sweeping(program, Sweep("deadlines", note, per_area=False)):
        await swept_to(program, "deadlines", PLATFORM, first)
        clock.move(days=-3)
        await asyncio.sleep(0.2)
        clock.move(days=4)
        await swept_to(program, "deadlines", PLATFORM, first + timedelta(days=1))
    assert calls == [first, first + timedelta(days=1)]


async def test_a_sweep_that_fails_in_one_county_stops_neither_the_other_nor_skips_its_day(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    first = clock.today()
    broken = True
    calls: list[tuple[date, int]] = []

    async def fragile(run: SweepRun) -> None:
        if broken and run.region == COUNTY and run.as_of > first:
            raise ValueError("a name that must not be told")
        calls.append((run.as_of, run.region))

    async with sweeping(program, Sweep("fragile", fragile)):
        await swept_to(program, "fragile", COUNTY, first)
        clock.move(days=2)
        await swept_to(program, "fragile", OTHER, first + timedelta(days=2))
        async with asyncio.timeout(25):
            while not await jobs_over(program, SWEEPS, "failed"):  # noqa: ASYNC110  # it is in a database
                await asyncio.sleep(0.02)
        assert await days_done(program, "fragile", COUNTY) == [first]
        await asyncio.sleep(0.2)
        assert await jobs_over(program, SWEEPS, "failed") == 1, "the next try waits"
        broken = False
        async with program.database.transaction(Area.everywhere()) as connection:
            await connection.execute(text("UPDATE job SET finished_at = finished_at - interval '1 hour'"))
        await swept_to(program, "fragile", COUNTY, first + timedelta(days=2))
    assert [day for day, region in calls if region == COUNTY] == [first + timedelta(days=n) for n in range(3)]
    async with program.database.transaction(Area.everywhere()) as connection:
        error = await connection.scalar(select(job.c.error).where(job.c.state == "failed"))
    assert "fragile" in error["en"]
    assert "name that" not in str(error)


async def test_what_a_sweep_records_carries_the_day_that_is_swept(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    first = clock.today()

    async def record(run: SweepRun) -> None:
        async with run.unit() as unit:
            unit.record("deadline.pass", Aggregate("case", unit.actor.assignment.id, run.region, version=0))

    async with sweeping(program, Sweep("recording", record)):
        await swept_to(program, "recording", COUNTY, first)
        clock.move(days=2)
        await swept_to(program, "recording", COUNTY, first + timedelta(days=2))
    async with program.database.transaction(Area.of(COUNTY)) as connection:
        entries = await connection.execute(
            text("SELECT business_date, subject FROM audit_entry WHERE action = 'deadline.pass' ORDER BY id")
        )
    days = [(first + timedelta(days=n)).isoformat() for n in range(3)]
    assert [tuple(entry) for entry in entries] == [(day, "program:recording") for day in days]


async def _nothing(_job: JobContext[NoParameters]) -> None:
    return None


PURGE = JobKind(name="purge", parameters=NoParameters, handler=_nothing)


def every_hour(**options: Any) -> Periodic[NoParameters]:
    return Periodic(kind=PURGE, every=timedelta(hours=1), parameters=NoParameters(), **options)


async def turn(program: Program, periodic: Periodic[NoParameters]) -> int:
    async with platform_unit(program, "jobs") as unit:
        return await defer_due(program, unit, [periodic], two_counties)


async def finish_all(program: Program) -> None:
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(text("UPDATE job SET state = 'succeeded', finished_at = clock_timestamp()"))


async def test_a_periodic_job_comes_once_a_turn_whoever_asks(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    assert await turn(program, every_hour()) == 1
    await finish_all(program)
    assert await turn(program, every_hour()) == 0, "another worker in the same turn"
    clock.move(hours=1)
    assert await turn(program, every_hour()) == 1


async def test_a_periodic_job_of_each_area_comes_once_in_each(make_job_program):
    program = make_job_program()
    assert await turn(program, every_hour(per_area=True)) == 2
    async with program.database.transaction(Area.everywhere()) as connection:
        regions = set((await connection.execute(select(job.c.region))).scalars())
    assert regions == {COUNTY, OTHER}


async def test_a_turn_that_finds_the_last_one_at_work_is_left_out(make_job_program):
    clock = FixedClock()
    program = make_job_program(clock=clock)
    assert await turn(program, every_hour()) == 1
    clock.move(hours=1)
    assert await turn(program, every_hour()) == 0
    await finish_all(program)
    clock.move(hours=1)
    assert await turn(program, every_hour()) == 1


async def test_the_workers_own_jobs_are_seen_by_no_officer(make_job_program):
    program = make_job_program()
    await turn(program, every_hour())
    async with program.unit(officer()) as unit:
        assert (await unit.connection.execute(select(job))).all() == []


def test_a_period_below_a_second_is_refused():
    with pytest.raises(ValueError, match="at least one second"):
        Periodic(kind=PURGE, every=timedelta(milliseconds=1), parameters=NoParameters())
