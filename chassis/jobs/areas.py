"""Say which area a job works in."""

from __future__ import annotations

from typing import Final

from chassis.security.scope import Area

PLATFORM: Final = 0
"""The region of a job that serves the whole database; no officer's area holds it."""


def area_of(region: int) -> Area:
    """The area that a job of ``region`` works in."""
    return Area.everywhere() if region == PLATFORM else Area.of(region)
