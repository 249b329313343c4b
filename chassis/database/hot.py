"""Write a hot request in one round trip: the area, the answer kept under its key, the change, its records, COMMIT.

An ordinary action sends its statements one after another through the session. A hot one says everything it writes in
one data-modifying statement, and BEGIN, area, statement and COMMIT travel in one pipeline. The pieces are the same:
the kernel's record tables, the same policies, the same idempotency rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from chassis.records import INSERTS
from chassis.security.scope import Area

_AREA: Final = "SELECT set_config('app.area_lo', %(lo)s, true), set_config('app.area_hi', %(hi)s, true)"

# `mine` is false while another request with the same key is at work; `kept` is empty if its answer is already there.
# Everything after it selects FROM gate, so that nothing is written unless this request is the first one.
_KEYED: Final = """
, mine AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended(%(key_identity)s, 0)) AS ok
), kept AS (
    INSERT INTO idempotency (subject, method, path, key, row, body_digest, status, headers, answer)
    SELECT %(subject)s, %(key_method)s, %(key_path)s, %(key)s, %(key_row)s, %(body_digest)s, %(status)s,
           %(headers)s::jsonb, %(answer)s
    FROM mine, required WHERE ok ON CONFLICT DO NOTHING RETURNING 1
), gate AS MATERIALIZED (SELECT 1 AS one FROM kept)
"""
_UNKEYED: Final = """
, gate AS MATERIALIZED (SELECT 1 AS one FROM required)
"""


def _psycopg(sql: str) -> str:
    """The kernel's statements name parameters as SQLAlchemy does."""
    for name in ("business_date", "subject", "assignment", "role", "reason", "trace_id", "traceparent"):
        sql = sql.replace(f":{name}", f"%({name})s")
    return sql


_RECORDS: Final = _psycopg(INSERTS)


@dataclass(frozen=True)
class HotStatement:
    """A change said in one statement.

    :param required: a query that gives the one row without which nothing may be written, or none.
    :param change: common table expressions that write it, each reading ``FROM gate`` directly or through another, and
        ``required`` where they need it; no leading WITH, no trailing comma. Parameters as ``%(name)s``.
    :param staged: a query over those expressions that gives the rows to record, with the columns of
        :data:`chassis.records.COLUMNS`.
    """

    required: str
    change: str
    staged: str

    def sql(self, *, keyed: bool) -> str:
        inserts, _, last = _RECORDS.rpartition("\nINSERT INTO pending")
        return "".join(
            (
                f"WITH required AS MATERIALIZED ({self.required})",
                _KEYED if keyed else _UNKEYED,
                f", {self.change}, staged AS MATERIALIZED ({self.staged})",
                inserts.rstrip(),
                f", sent AS (INSERT INTO pending{last})",
                " SELECT EXISTS (SELECT FROM required) AS allowed, EXISTS (SELECT FROM gate) AS first",
            )
        )


class HotPool:
    """Connections for hot statements: their own small pool, no transaction begun behind our back."""

    def __init__(self, url: str, *, size: int, options: str) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            timeout=5,
            kwargs={"autocommit": True, "options": options, "prepare_threshold": 1, "row_factory": dict_row},
        )
        self._is_open = False

    async def run(self, sql: str, parameters: Mapping[str, Any], area: Area) -> dict[str, Any]:
        """Run one hot statement as a transaction over ``area`` and commit it; returns its row.

        :raises psycopg.Error: and nothing was written.
        """
        if not self._is_open:
            await self._pool.open()
            self._is_open = True
        async with self._pool.connection() as connection:
            async with connection.pipeline():
                await connection.execute("BEGIN")
                await connection.execute(_AREA, {"lo": str(area.lo), "hi": str(area.hi)})
                cursor = await connection.execute(sql, parameters)
                await connection.execute("COMMIT")
            row: dict[str, Any] | None = await cursor.fetchone()
        assert row is not None
        return row

    async def close(self) -> None:
        if self._is_open:
            await self._pool.close()
