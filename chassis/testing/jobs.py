"""A worker of jobs beside a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from chassis.jobs.definition import JobKind
from chassis.jobs.worker import JobWorker, Pace
from chassis.program import Program

QUICK: Final = Pace(poll=0.02, heartbeat=0.1, keep=0.05, stalled=3.0, again=0.02, grace=5.0)
"""So that nobody waits for a poll; a worker that is silent for three seconds is taken for dead."""


@asynccontextmanager
async def working(program: Program, *kinds: JobKind[Any], **options: Any) -> AsyncIterator[JobWorker]:
    """Run a worker of ``kinds`` while the block runs; ``options`` of :class:`JobWorker`."""
    stop = asyncio.Event()
    worker = JobWorker(program, kinds, **{"pace": QUICK, **options})
    running = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await running
