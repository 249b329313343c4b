"""Look a parameter of a county up by its key, whatever its type."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.parameters.reader import ParameterBook
from services.monitoring.registers.described import Lookup


def lookup_in(book: ParameterBook, region: int) -> Lookup:
    """A look-up into ``book`` for one county.

    :raises ParameterMissing: when it is asked for a key that has no value in force.
    """

    def lookup(key: str, on: date) -> Any:
        return book.row(key, region=region, on=on).value

    return lookup
