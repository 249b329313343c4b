"""Begin and end with the parent: a process begins when told to, and stops in order when its standard input closes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Final

BEGIN: Final = b"\n"
"""What the parent writes when all is there that the process needs."""


def wait_for_parent() -> bool:
    """Return True when the parent says to begin, False when it is gone."""
    return os.read(sys.stdin.fileno(), 1) == BEGIN


def stop_with_parent(stop: asyncio.Event) -> None:
    """Set ``stop`` on SIGTERM or SIGINT, and when the parent is gone, which closes the pipe to our standard input."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    pipe = sys.stdin.fileno()

    def readable() -> None:
        if not os.read(pipe, 1024):
            loop.remove_reader(pipe)
            stop.set()

    loop.add_reader(pipe, readable)
