"""Run one process of the embedded platform: ``python -m deploy.embedded NAME DIRECTORY``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from chassis import heap
from deploy.embedded.directory import PACKAGES, Installation
from deploy.embedded.stopping import stop_with_parent, wait_for_parent

Entry = Callable[[Installation, asyncio.Event], Coroutine[Any, Any, None]]


def main(name: str, directory: str) -> None:
    """Run the process ``name`` until it is told to stop or its parent is gone.

    It loads at once, and begins when its parent says that the databases are up to date.
    """
    heap.grow()
    entry = _entry(name)
    from chassis.telemetry import configure_logging

    configure_logging(os.environ.get("XIANJIE_LOG_LEVEL", "INFO"))
    if wait_for_parent():
        asyncio.run(_until_stopped(entry, Installation(Path(directory))))


def _entry(name: str) -> Entry:
    """``apis`` and ``workers`` of all programs, or ``api-NAME`` and ``worker-NAME`` of one."""
    kind, _, one = name.partition("-")
    names = [one] if one else list(PACKAGES)
    if kind in ("api", "apis") and set(names) <= set(PACKAGES):
        from deploy.embedded.apis import serve

        return lambda installation, stop: serve(installation, stop, names)
    if kind in ("worker", "workers") and set(names) <= set(PACKAGES):
        from deploy.embedded.workers import work

        return lambda installation, stop: work(installation, stop, names)
    sys.exit(f"no such process: {name}")


async def _until_stopped(entry: Entry, installation: Installation) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    await entry(installation, stop)


if __name__ == "__main__":
    main(*sys.argv[1:3])
