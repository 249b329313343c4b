"""Do a piece of work in a process that ends with it: what it took goes back to the system, and no loop waits for it."""

from __future__ import annotations

import asyncio
import sys


class ChildFailed(Exception):
    """The work took too long, or its process ended with an error."""


async def answer_of(module: str, *arguments: str, content: bytes = b"", seconds_max: float) -> bytes:
    """What ``python -m module arguments`` writes to its standard output.

    :param content: for its standard input. What it says on standard error is dropped: it might quote from that.
    :raises ChildFailed: if it is not over after ``seconds_max``, which ends it, or exits with another code than 0.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        answer, _nothing = await asyncio.wait_for(child.communicate(content), seconds_max)
    except TimeoutError:
        raise ChildFailed(f"{module} was not over after {seconds_max} s") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise ChildFailed(f"{module} ended with {child.returncode}")
    return answer
