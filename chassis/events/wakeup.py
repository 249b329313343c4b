"""Tell the relay of a database that something waits, without slowing a write down.

A NOTIFY inside the write's transaction would take a lock of the whole PostgreSQL instance at its commit; so one is sent
afterwards, in a statement of its own, for all commits of a short while. A lost one costs only the relay's polling time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chassis.database.engine import Database
from chassis.events.faults import reason_of

CHANNEL: Final = "xianjie_pending"
INTERVAL_SECONDS: Final = 0.01
RECONNECT_SECONDS: Final = 2.0

# A notification makes a commit of its own; it tells nothing that must survive, so nobody waits for the disk.
_NOTIFY: Final = text(f"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')")

log = structlog.get_logger(__name__)


class Waker:
    """Sends at most one NOTIFY in each interval. ``program.events_written = waker.wrote``."""

    def __init__(self, database: Database, *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._database = database
        self._interval_seconds = interval_seconds
        self._written = asyncio.Event()

    def wrote(self) -> None:
        """Note that events were committed. Costs nothing, never waits, never fails."""
        self._written.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set, and then once more if something was written meanwhile."""
        while not stop.is_set():
            await _first(self._written, stop)
            if self._written.is_set():
                self._written.clear()
                await self._notify()
                await asyncio.sleep(self._interval_seconds)
        if self._written.is_set():
            await self._notify()

    async def _notify(self) -> None:
        try:
            async with self._database.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(_NOTIFY)
        except SQLAlchemyError as error:
            log.warning("waker.missed", reason=reason_of(error))  # the relay polls


async def listen(database: Database, bell: asyncio.Event) -> None:
    """Ring ``bell`` at each notification, for ever; connect again after an outage, and ring then too."""
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=5)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                bell.set()
                async for _ in connection.notifies():
                    bell.set()
        except psycopg.Error as error:
            log.warning("relay.deaf", reason=reason_of(error))
        await asyncio.sleep(RECONNECT_SECONDS)


async def _first(*events: asyncio.Event) -> None:
    """Return when one of the events is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
            with suppress(asyncio.CancelledError):
                await wait
