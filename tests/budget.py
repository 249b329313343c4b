"""How long a test may take: thirty seconds, more only if it says so; nobody runs a suite that creeps."""

from __future__ import annotations

from typing import Final

import pytest

SECONDS: Final = 30.0


def allowed(item: pytest.Item) -> float | None:
    """Seconds that the test may take; None for one that is run by hand."""
    if item.get_closest_marker("long") is not None:
        return None
    marker = item.get_closest_marker("budget")
    if marker is None:
        return SECONDS
    return float(marker.kwargs["seconds"] if "seconds" in marker.kwargs else marker.args[0])


def overdrawn(item: pytest.Item, seconds: float) -> str | None:
    """What to say about a test that took ``seconds``, or None if it may."""
    limit = allowed(item)
    if limit is None or seconds <= limit:
        return None
    return f"took {seconds:.0f} s of {limit:.0f}: make it faster, or mark it budget(seconds) or long"
