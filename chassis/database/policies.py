"""Let the database itself refuse rows outside the caller's area, so that a forgotten filter shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psycopg import sql

# After a transaction-local setting ended, current_setting(…, true) is '' and not NULL on a reused connection;
# NULLIF makes both of them NULL, and a comparison with NULL shows no row.
_LO: Final = "NULLIF(current_setting('app.area_lo', true), '')::bigint"
_HI: Final = "NULLIF(current_setting('app.area_hi', true), '')::bigint"
_INSIDE: Final = f"region BETWEEN {_LO} AND {_HI}"
_WRITTEN_INSIDE: Final = f"region BETWEEN (SELECT {_LO}) AND (SELECT {_HI})"
"""Read once for a statement, not for each row that it writes; a condition of a scan is read once in any case."""


def guard_by_area(table: str) -> Iterator[str]:
    """Yield the statements that force row-level security by area on ``table`` (it has a column ``region``)."""
    name = sql.Identifier(table).as_string()
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY area ON {name} USING ({_INSIDE}) WITH CHECK ({_WRITTEN_INSIDE})"
