"""Wait for an effect, not for a time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


async def eventually(
    probe: Callable[[], T | Awaitable[T]], *, within_seconds: float = 15.0, every_seconds: float = 0.02
) -> T:
    """Ask ``probe`` until it returns something true, and return that. It may be a coroutine function.

    An AssertionError of the probe counts as "not yet", so it may hold assertions; other errors pass through.

    :raises AssertionError: if nothing true came in time, with what came last.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + within_seconds
    while True:
        last: Any
        try:
            last = probe()
            if inspect.isawaitable(last):
                last = await last
            if last:
                return cast("T", last)
        except AssertionError as error:
            last = error
        if loop.time() > until:
            cause = last if isinstance(last, AssertionError) else None
            raise AssertionError(f"not within {within_seconds} s; last seen: {last!r}") from cause
        await asyncio.sleep(every_seconds)
