"""Run a county's rules over a fresh snapshot, as the first half of a run, and hold what fired until it is judged."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from chassis.jobs.context import JobContext
from services.monitoring.screening.catalogue import Rule
from services.monitoring.screening.engine import Screening
from services.monitoring.screening.parameters import Numbers
from services.monitoring.screening.side_by_side import in_thread, together
from services.monitoring.screening.taking_snapshot import private_folder, take_snapshot

PROGRESS_SECONDS: Final = 1.0
STEPS_AT_ONCE: Final = 2


@asynccontextmanager
async def fired(job: JobContext[Any], run: Any, rules: Sequence[Rule], numbers: Numbers) -> AsyncIterator[Screening]:
    """An open screening that keeps every hit of ``rules``; its folder is gone afterwards, its facts as soon as they
    were looked at.

    :param run: its row, which says on which day and with which thresholds.
    """
    bound = {name: value for told in run.rules.values() for name, value in told["thresholds"].items()}
    async with private_folder(job) as folder:
        snapshot = await take_snapshot(job.program, job, run.as_of, numbers, folder)
        told = {name: file for name, file in snapshot.files.items() if snapshot.rows[name]}
        values = {**numbers.values, **bound}
        screening = Screening(told, rules, values, run.as_of, folder=folder, has_keys=True)
        await in_thread(screening.__enter__)
        try:
            await _keep_all(job, screening)
            for file in snapshot.files.values():
                file.unlink()
            yield screening
        finally:
            await in_thread(screening.__exit__, None, None, None)


async def _keep_all(job: JobContext[Any], screening: Screening) -> None:
    """Every step, some at once: alone, a query leaves a core idle while it gathers what the other cores found."""
    steps = iter(screening.steps)
    done, shown = 0, 0.0

    async def work() -> None:
        nonlocal done, shown
        for step in steps:
            if (now := time.monotonic()) - shown >= PROGRESS_SECONDS:
                shown = now
                await job.progress(done, len(screening.steps))
            await in_thread(screening.keep, step)
            done += 1

    await together([work() for _ in range(STEPS_AT_ONCE)])
