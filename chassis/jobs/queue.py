"""Speak to procrastinate's queue inside our own transactions, over our own pool, with our own errors.

The library's own connector opens a second pool and wraps every driver error, so that a finished job and its queue row
could part ways. Its :class:`JobManager` takes any connector; this one runs its queries on the connection it is given.
"""

from __future__ import annotations

from typing import Any, Final, LiteralString

from procrastinate.connector import BaseAsyncConnector
from procrastinate.manager import JobManager
from psycopg.types.json import Jsonb
from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

QUEUE: Final = "jobs"


class _OurConnection(BaseAsyncConnector):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _run(self, query: str, arguments: dict[str, Any]) -> CursorResult[Any]:
        return await self._connection.exec_driver_sql(query, {name: _bound(value) for name, value in arguments.items()})

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        await self._run(query, arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        return dict((await self._run(query, arguments)).mappings().one())

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in (await self._run(query, arguments)).mappings()]


def _bound(value: Any) -> Any:
    """JSON objects as PostgreSQL wants them, also inside the rows of a list."""
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, list):
        return [_bound(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_bound(item) for item in value)
    return value


def queue_on(connection: AsyncConnection) -> JobManager:
    """The queue as part of the transaction that ``connection`` is in."""
    return JobManager(_OurConnection(connection))
