"""Write many ids and numbers as one parameter, without looking at each for what must be quoted.

The driver does look; for a batch of events that costs more than everything else around its statements.
"""

from __future__ import annotations

from collections.abc import Iterable


def array(values: Iterable[bytes | int]) -> str:
    """An array as PostgreSQL writes it, of ids, wire types (as text) and whole numbers, none of which needs quotes."""
    return "{" + ",".join([each.decode() if isinstance(each, bytes) else str(each) for each in values]) + "}"
