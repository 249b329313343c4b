"""Keep the garbage collector away from what lives as long as the process does."""

from __future__ import annotations

import ctypes
import gc
from typing import Final


def grow() -> None:
    """Call before the imports of a process: what they make stays, and walking it while it grows finds nothing."""
    gc.disable()


YOUNG_MAX: Final = 50_000
"""Objects that a program of batches makes between two looks for garbage; an event on its way is some twenty of them."""


def settle(*, young_max: int | None = None) -> None:
    """Call once everything is imported and made, before the first request.

    A full collection walks every object there is: with modules, models and routes loaded it held all requests under way
    for 200 ms, every few thousand requests. What is there now is never walked again; what requests leave behind is.
    Nothing is collected first: of 280,000 objects that finds 2,000 to free, and every start would wait for it.

    :param young_max: see :data:`YOUNG_MAX`; None leaves Python's own figure, which suits short requests.
    """
    gc.freeze()
    if young_max is not None:
        gc.set_threshold(young_max)
    gc.enable()


def give_back() -> None:
    """Return to the system what a large piece of work has freed, which the allocator keeps for more of its kind.

    Only glibc can; elsewhere nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
