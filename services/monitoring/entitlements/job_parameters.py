"""What a look at a county's entitlements is asked with; light to import, unlike what runs it."""

from __future__ import annotations

from chassis.types import Day, Model


class ComputeParameters(Model):
    """On which day people are looked at."""

    as_of: Day
