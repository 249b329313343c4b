"""Let the database itself refuse rows outside the caller's area, so that a forgotten filter shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psycopg import sql

AREA_SETTINGS: Final = ("app.area_lo", "app.area_hi")

# After a transaction-local setting ended, current_setting(…, true) is '' and not NULL on a reused connection;
# NULLIF makes both of them NULL, and a comparison with NULL shows no row.
_INSIDE: Final = (
    "region BETWEEN NULLIF(current_setting('app.area_lo', true), '')::bigint"
    " AND NULLIF(current_setting('app.area_hi', true), '')::bigint"
)


def guard_by_area(table: str) -> Iterator[str]:
    """Yield the statements that force row-level security by area on ``table`` (it has a column ``region``)."""
    name = sql.Identifier(table).as_string()
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY area ON {name} USING ({_INSIDE}) WITH CHECK ({_INSIDE})"
