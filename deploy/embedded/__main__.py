"""Run one process of the embedded platform: ``python -m deploy.embedded apis|workers DIRECTORY``."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from chassis.telemetry import configure_logging
from deploy.embedded.installation import Installation
from deploy.embedded.stopping import stop_with_parent


def main(name: str, directory: str) -> None:
    """Run the process ``name`` until it is told to stop or its parent is gone."""
    installation = Installation(Path(directory))
    configure_logging(os.environ.get("XIANJIE_LOG_LEVEL", "INFO"))
    asyncio.run(_until_stopped(_entry(name), installation))


def _entry(name: str) -> Callable[[Installation, asyncio.Event], Coroutine[Any, Any, None]]:
    if name == "apis":
        from deploy.embedded.apis import serve

        return serve
    if name == "workers":
        from deploy.embedded.workers import work

        return work
    sys.exit(f"no such process: {name}")


async def _until_stopped(
    entry: Callable[[Installation, asyncio.Event], Coroutine[Any, Any, None]], installation: Installation
) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    await entry(installation, stop)


if __name__ == "__main__":
    main(*sys.argv[1:3])
