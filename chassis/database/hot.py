"""Do a hot request in one round trip: the area, the answer kept under its key, the change, its records, COMMIT.

An ordinary action sends its statements one after another through the session. A hot one says everything it writes in
one data-modifying statement, and BEGIN, area, statement and COMMIT travel in one pipeline. The pieces are the same:
the kernel's record tables, the same policies, the same idempotency rows. A hot reading says what it asks in a few
statements that need nothing of each other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Protocol

from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from chassis.database.pipeline import PipelineConnection, Statement
from chassis.records import INSERT_ONE
from chassis.security.scope import Area

_AREA: Final = Statement(
    "SELECT set_config('app.area_lo', %(area_lo)s, true), set_config('app.area_hi', %(area_hi)s, true)"
)

# A hot statement is planned once for each connection: its plan does not hang on values, and costs as much as its run.
_PLANS: Final = " -c plan_cache_mode=force_generic_plan"

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


_RECORDS: Final = Statement.of(INSERT_ONE).text


def _within(area: Area, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {**parameters, "area_lo": area.lo, "area_hi": area.hi}


@dataclass(frozen=True)
class HotStatement:
    """A change said in one statement.

    :param required: a query that gives the one row without which nothing may be written, or none.
    :param change: common table expressions that write it, each reading ``FROM gate`` directly or through another, and
        ``required`` where they need it; no leading WITH, no trailing comma. Parameters as ``%(name)s``.
    :param staged: a query over those expressions that gives the one row to record, with the columns of
        :data:`chassis.records.COLUMNS`, as :data:`chassis.records.INSERT_ONE` takes it.
    """

    required: str
    change: str
    staged: str

    @cached_property
    def keyed(self) -> Statement:
        """With the answer kept under the client's key."""
        return Statement(self._text(keyed=True))

    @cached_property
    def unkeyed(self) -> Statement:
        return Statement(self._text(keyed=False))

    def _text(self, *, keyed: bool) -> str:
        return "".join(
            (
                f"WITH required AS MATERIALIZED ({self.required})",
                _KEYED if keyed else _UNKEYED,
                f", {self.change}, staged AS MATERIALIZED ({self.staged})",
                _RECORDS,
                " SELECT EXISTS (SELECT FROM required) AS allowed, EXISTS (SELECT FROM gate) AS first",
            )
        )


class HotWriter(Protocol):
    """What an action hands its hot statement to: a request of its own, or a step of something larger.

    :ivar now: the instant on the business calendar.
    """

    now: datetime

    @property
    def today(self) -> date:
        """The business date."""

    async def run(self, statement: HotStatement, parameters: Mapping[str, Any], response: Response) -> bool:
        """Write, with ``response`` as the answer; False, and nothing written, without what the statement requires."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a hot statement.

    :ivar allowed: whether what it requires is there; if not, nothing was written.
    :ivar first: whether it was written, and not another request's under the same key.
    """

    allowed: bool
    first: bool


class HotPool:
    """Connections for hot statements: few, apart from those of units of work, handed on in the order of asking."""

    def __init__(self, url: str, *, size: int, options: str, timeout_seconds: int) -> None:
        self._url = url
        self._options = options + _PLANS
        self._timeout_seconds = timeout_seconds
        self._free: list[PipelineConnection | None] = [None] * size  # None: may be made
        self._waiting: deque[asyncio.Future[PipelineConnection | None]] = deque()

    async def run(self, statement: Statement, parameters: Mapping[str, Any], area: Area) -> Outcome:
        """Run one hot statement as a transaction over ``area`` and commit it.

        :raises psycopg.Error: and nothing was written, unless the connection was lost meanwhile.
        :raises PoolTimeout: if no connection was free in time.
        """
        async with self.lent() as connection:
            result = await connection.transact((_AREA, statement), _within(area, parameters))
        return Outcome(allowed=result.get_value(0, 0) == b"t", first=result.get_value(0, 1) == b"t")

    async def read(self, statements: Sequence[Statement], parameters: Mapping[str, Any], area: Area) -> list[list[Any]]:
        """The rows of each statement, in one transaction over ``area``, each of what was committed when its turn came.

        :raises psycopg.Error: as the server says.
        :raises PoolTimeout: if no connection was free in time.
        """
        async with self.lent() as connection:
            _, *results = await connection.send((_AREA, *statements), _within(area, parameters))
            return [connection.rows(result) for result in results]

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[PipelineConnection]:
        """A connection for a block, which leaves no transaction open behind it.

        :raises psycopg.OperationalError: if the server cannot be reached.
        :raises PoolTimeout: if no connection was free in time.
        """
        connection = await self._take()
        try:
            if connection is None or connection.is_lost:
                connection = None
                connection = await PipelineConnection.connect(
                    self._url, options=self._options, timeout_seconds=self._timeout_seconds
                )
            yield connection
        finally:
            self._give(connection)

    async def _take(self) -> PipelineConnection | None:
        if self._free:
            return self._free.pop()
        turn: asyncio.Future[PipelineConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._give(turn.result())
            if isinstance(error, TimeoutError):
                raise PoolTimeout("no connection for a hot statement was free in time") from None
            raise

    def _give(self, connection: PipelineConnection | None) -> None:
        """Hand on to who has waited longest: a newcomer never overtakes."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._free.append(connection)

    async def close(self) -> None:
        for connection in self._free:
            if connection is not None:
                await connection.close()
        self._free = [None] * len(self._free)
