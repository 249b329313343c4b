"""A worker that does the jobs of some kinds while a test waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from chassis.jobs.definition import JobKind
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program

QUICK = Pace(poll=0.02, heartbeat=0.1, keep=0.05, again=0.02, stalled=0.6, grace=1.0)


@asynccontextmanager
async def at_work(program: Program, kinds: Sequence[JobKind[Any]]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(JobWorker(program, kinds, pace=QUICK).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
