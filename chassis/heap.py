"""Keep the garbage collector away from what lives as long as the process does."""

from __future__ import annotations

import gc


def grow() -> None:
    """Call before the imports of a process: what they make stays, and walking it while it grows finds nothing."""
    gc.disable()


def settle() -> None:
    """Call once everything is imported and made, before the first request.

    A full collection walks every object there is: with modules, models and routes loaded it held all requests under way
    for 200 ms, every few thousand requests. What is there now is never walked again; what requests leave behind is.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
