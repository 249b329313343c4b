"""Prepare chunks in processes of their own, so that the program's event loop stays free and both cores work."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager

from chassis.security.keys import KeyRing
from services.monitoring.households.importing import worker
from services.monitoring.households.importing.model import Batch, Prepared, Setting


class Workers:
    """A pool that prepares chunks of one import."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def prepare(self, batch: Batch) -> Prepared:
        return await asyncio.get_running_loop().run_in_executor(self._pool, worker.prepare, batch)


@asynccontextmanager
async def workers(ring: KeyRing, setting: Setting, *, processes: int) -> AsyncIterator[Workers]:
    """Processes that end with the block, and by themselves if this one is killed."""
    # Fresh interpreters: a fork of a program with threads and connections may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        processes, mp_context=context, initializer=worker.begin, initargs=(ring.to_json(), setting)
    )
    try:
        yield Workers(pool)
    finally:
        await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)
