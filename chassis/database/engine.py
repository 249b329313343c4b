"""Connect a program to its database with bounded pools, bounded statements and honest errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg import generators
from psycopg.pq import ExecStatus
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis.database.hot import HotPool
from chassis.errors import Message, Unavailable
from chassis.security.scope import Area

STATEMENT_TIMEOUT_SECONDS: Final = 30
LOCK_TIMEOUT_SECONDS: Final = 5
IDLE_IN_TRANSACTION_SECONDS: Final = 120
POOL_WAIT_SECONDS: Final = 5
RECYCLE_SECONDS: Final = 1800

SERIALIZATION_STATES: Final = frozenset({"40001", "40P01"})
"""SQLSTATE of transactions that may simply be run again: serialization failure and deadlock."""

_OPTIONS: Final = (
    f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s -c lock_timeout={LOCK_TIMEOUT_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS}s -c timezone=UTC -c datestyle=ISO"
)

SET_AREA: Final = text("SELECT set_config('app.area_lo', :lo, true), set_config('app.area_hi', :hi, true)")


def bound_to(area: Area) -> tuple[str, dict[str, str]]:
    """The statement that binds a transaction to ``area``, for a pipeline."""
    return (
        "SELECT set_config('app.area_lo', %(lo)s, true), set_config('app.area_hi', %(hi)s, true)",
        {"lo": str(area.lo), "hi": str(area.hi)},
    )


async def begin_over(connection: AsyncConnection, area: Area) -> None:
    """Begin a transaction that is bound to ``area``, in one round trip instead of two."""
    await connection.begin()
    raw = connection.sync_connection
    driver = None if raw is None else raw.connection.driver_connection
    if not isinstance(driver, psycopg.AsyncConnection) or not await _sent(driver, area):
        # As usual, which says what is wrong in the words of SQLAlchemy, and tells its pool.
        await connection.execute(SET_AREA, {"lo": str(area.lo), "hi": str(area.hi)})


async def _sent(driver: psycopg.AsyncConnection[Any], area: Area) -> bool:
    """Whether BEGIN and the area were taken; psycopg sees that a transaction is open, and sends no BEGIN of its own.

    ``psycopg.generators`` is no documented API: look here when psycopg is upgraded (3.3.9 was the last looked at).
    Of what is documented, a pipeline also costs one round trip but 200 µs of CPU instead of 90, and every request
    begins one; autocommit lets ``execute`` send both at once, but cannot be taken back inside the transaction, and
    whoever gets that connection next would commit statement by statement without knowing.
    """
    begin = f"BEGIN; SELECT set_config('app.area_lo', '{area.lo}', true), set_config('app.area_hi', '{area.hi}', true)"
    try:
        async with driver.lock:
            driver.pgconn.send_query(begin.encode())
            results = await driver.wait(generators.execute(driver.pgconn))
    except psycopg.Error:
        return False
    return all(result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK) for result in results)


EVERYWHERE: Final = bound_to(Area.everywhere())
"""Reach the whole country, for a pipeline of the platform's own loops."""


def driver_url(url: str) -> URL:
    """The same database address for SQLAlchemy with psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg")


def create_engine(url: str, *, pool_size: int) -> AsyncEngine:
    """An engine as the role in ``url``. It opens no connection yet."""
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_use_lifo=True,  # the one used last knows its statements and tables best
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,  # parameters are personal data; they must not reach a log through an exception's text
        connect_args={"options": _OPTIONS, "connect_timeout": 5, "prepare_threshold": 3},
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def _forget_parameters(context: object) -> None:
        # A driver's own message may quote a value (DETAIL: Key (…)=(…)); what we raise says only the SQLSTATE.
        original = getattr(context, "original_exception", None)
        if original is not None and getattr(original, "diag", None) is not None:
            original.args = (f"SQLSTATE {original.sqlstate}: {original.diag.constraint_name or ''}".rstrip(": "),)

    return engine


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE behind a SQLAlchemy or psycopg error, if any."""
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None)


def constraint_of(error: BaseException) -> str | None:
    """The name of the constraint that a statement broke, if any: tables decide races, actions name them."""
    diag = getattr(getattr(error, "orig", error), "diag", None)
    return getattr(diag, "constraint_name", None)


def is_outage(error: BaseException) -> bool:
    """Whether the database itself is away: not the statement's fault, so worth waiting for."""
    if isinstance(error, PoolTimeout):
        return True
    state = sqlstate(error)
    if state is not None:
        return (state[:2] in ("08", "57") and state != "57014") or state in ("53300", "25P03")
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError)
    return isinstance(error, psycopg.OperationalError)  # a lost or refused connection, of the hot pool


class DatabaseAway(Unavailable):
    code, status = "database_unavailable", 503
    title = Message("数据库暂时无法连接，请稍后重试。", "The database cannot be reached for the moment; retry later.")


class Database:
    """One program's door to its own database, as the role ``app`` that row-level security binds."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self.engine = create_engine(url, pool_size=pool_size)
        self.hot = HotPool(url, size=pool_size, options=_OPTIONS, timeout_seconds=POOL_WAIT_SECONDS)

    @asynccontextmanager
    async def transaction(self, area: Area) -> AsyncIterator[AsyncConnection]:
        """A transaction of its own over ``area``; commits at the end, rolls back on an exception.

        For the platform's loops and for streaming reads; an action uses its unit of work instead.
        """
        async with self.engine.begin() as connection:
            await connection.execute(SET_AREA, {"lo": str(area.lo), "hi": str(area.hi)})
            yield connection

    async def is_reachable(self) -> bool:
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout, OSError):
            return False
        return True

    async def close(self) -> None:
        await self.hot.close()
        await self.engine.dispose()
