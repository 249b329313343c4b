"""Who moves the business date on gets it back only when every sweep has done every day passed, in whatever process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chassis.clock import SettableClock
from chassis.database.engine import Database
from chassis.jobs.catching_up import SweepsUnfinished, catch_up
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program
from chassis.security import scope
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY

OTHER = 610998000000
FIRST = date(2024, 6, 3)
PACE = Pace(poll=0.02, heartbeat=0.1, keep=0.05, again=0.02, grace=5.0)


async def two_counties(_program: Program) -> list[int]:
    return [OTHER, COUNTY]


class Platform:
    """A worker and an operator's console: programs of their own that share a database and the file of the date."""

    def __init__(self, make: Callable[..., Program], path: Any) -> None:
        self.clock = SettableClock(path)
        self.clock.choose(FIRST)
        self.console = make(clock=self.clock)
        self.console_sweeps: tuple[Sweep, ...] = ()
        self.told: list[int] = []

    @asynccontextmanager
    async def working(self, *sweeps: Sweep) -> AsyncIterator[None]:
        self.console_sweeps = sweeps
        database = Database(self.console.settings.database_url.get_secret_value(), pool_size=4)
        program = replace(self.console, name="worker", database=database, clock=SettableClock(self.clock._path))
        stop = asyncio.Event()
        worker = JobWorker(program, [], sweeps=sweeps, areas=two_counties, pace=PACE)
        running = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running
            await program.close()

    async def move(self, day: date, *, patience_seconds: float = 20) -> None:
        self.clock.choose(day)
        await catch_up(
            self.console,
            self.console_sweeps,
            two_counties,
            actor=scope.program("console:clock set", COUNTY),
            tell=self.told.append,
            patience_seconds=patience_seconds,
        )


@pytest.fixture
def platform(make_job_program, tmp_path) -> Platform:
    return Platform(make_job_program, tmp_path / "clock.json")


async def test_a_date_that_was_set_comes_back_after_every_sweep_of_every_day_in_order(platform):
    done: list[tuple[date, str, int]] = []

    async def note(run: SweepRun) -> None:
        if run.as_of > FIRST:
            await eventually(lambda: max(platform.told) == 4)  # as long as no day is done
        done.append((run.as_of, run.sweep, run.region))

    async with platform.working(Sweep("deadlines", note), Sweep("ledger", note, per_area=False)):
        await platform.move(FIRST)
        await platform.move(FIRST + timedelta(days=4))
        assert done == [
            (FIRST + timedelta(days=n), name, region)
            for n in range(5)
            for name, region in (("deadlines", OTHER), ("deadlines", COUNTY), ("ledger", 0))
        ]
    assert platform.told[-1] == 0
    assert max(platform.told) == 4


async def test_a_sweep_that_fails_is_told_and_the_same_date_asked_again_goes_on(platform):
    broken = True

    async def fragile(run: SweepRun) -> None:
        if broken and run.as_of > FIRST + timedelta(days=1):
            raise ValueError("a name that must not be told")

    async with platform.working(Sweep("fragile", fragile)):
        await platform.move(FIRST)
        with pytest.raises(SweepsUnfinished, match=r"fragile") as failed:
            await platform.move(FIRST + timedelta(days=3))
        assert "name that" not in failed.value.message.zh + failed.value.message.en
        broken = False
        await platform.move(FIRST + timedelta(days=3))
    assert platform.told[-1] == 0


async def test_without_a_worker_it_ends_with_a_sentence(platform):
    async def note(run: SweepRun) -> None:
        raise AssertionError("nobody works here")

    platform.console_sweeps = (Sweep("deadlines", note),)
    with pytest.raises(SweepsUnfinished, match="make no progress") as failed:
        await platform.move(FIRST, patience_seconds=0.3)
    assert "工作进程" in failed.value.message.zh


async def test_a_platform_without_sweeps_waits_for_nothing(platform):
    await platform.move(FIRST + timedelta(days=400), patience_seconds=0.1)
    assert platform.told == [0]
