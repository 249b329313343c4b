"""Prepare chunks in processes of their own, so that the program's event loop stays free and both cores work."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager

from chassis.security.keys import KeyRing
from chassis.security.vault import Vault
from services.monitoring.households.importing.model import Piece, Prepared, Setting
from services.monitoring.households.importing.prepare import Preparer

_preparer: Preparer | None = None


class Workers:
    """A pool that prepares chunks of one import."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def prepare(self, pieces: Sequence[Piece]) -> Prepared:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _prepare, pieces)


@asynccontextmanager
async def workers(ring: KeyRing, setting: Setting, *, processes: int) -> AsyncIterator[Workers]:
    """Processes that end with the block, and by themselves if this one is killed."""
    # Fresh interpreters: a fork of a program with threads and connections may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(ring.to_json(), setting))
    try:
        yield Workers(pool)
    finally:
        await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)


def _begin(ring: str, setting: Setting) -> None:
    global _preparer  # a pool's process has no other place for what it keeps
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _preparer = Preparer(Vault.of(KeyRing.parse(ring)), setting)


def _end_with_parent() -> None:
    """A worker of a pool holds its own end of the queue open, so it would wait for ever for a parent that is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _prepare(pieces: Sequence[Piece]) -> Prepared:
    assert _preparer is not None
    return _preparer.prepare(pieces)
