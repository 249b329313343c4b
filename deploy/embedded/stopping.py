"""End with the parent: a process whose standard input closes, or that is told to, stops in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys


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
