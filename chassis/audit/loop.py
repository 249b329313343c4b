"""Keep sealing while the worker runs: at an interval, at once when woken, and patiently while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.audit.epochs import RestoredDatabase
from chassis.audit.sealer import Sealer
from chassis.clock import Clock
from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate

INTERVAL_SECONDS: Final = 1.0
BACKOFF_SECONDS_MAX: Final = 30.0

_log = structlog.get_logger(__name__)


class SealingLoop:
    """One per worker. Several workers may run one each; the lock in the database lets one of them seal.

    :param published: called after a checkpoint, to wake the relay.
    """

    def __init__(
        self,
        sealer: Sealer,
        *,
        clock: Clock,
        interval_seconds: float = INTERVAL_SECONDS,
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self._sealer = sealer
        self._clock = clock
        self._interval = interval_seconds
        self._published = published
        self._woken = asyncio.Event()
        self._stopping = False
        self._good_at = clock.system_now()
        self._sealed = 0
        self._trouble: str | None = None

    def wake(self) -> None:
        """Seal soon: something was committed."""
        self._woken.set()

    def stop(self) -> None:
        """End :meth:`run` after one last turn, which also publishes how far the chain reaches."""
        self._stopping = True
        self._woken.set()

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: whether sealing works and since when it last did."""
        age = (self._clock.system_now() - self._good_at).total_seconds()
        return {"ready": self._trouble is None, "age_seconds": age, "sealed": self._sealed, "trouble": self._trouble}

    async def run(self) -> None:
        """Seal until :meth:`stop`. Outages, a full disk, an unrecorded restore are waited out; the rest is raised."""
        failures = 0
        while True:
            is_last = self._stopping
            pause = self._interval
            try:
                behind = await self._turn(publish=is_last)
            except (DBAPIError, PoolTimeout, OSError, RestoredDatabase) as error:
                if not _will_pass(error):
                    raise
                failures += 1
                pause = min(self._interval * 2**failures, BACKOFF_SECONDS_MAX)
                self._trouble = type(error).__name__
                _log.warning("sealing_waits", error=self._trouble, sqlstate=sqlstate(error), seconds=pause)
            else:
                failures = 0
                self._trouble = None
                self._good_at = self._clock.system_now()
                if behind:
                    continue
            if is_last:
                return
            await self._sleep(pause, wakes=failures == 0)

    async def _turn(self, *, publish: bool) -> bool:
        done = await self._sealer.turn(publish=publish)
        self._sealed += done.count
        if done.published:
            self._published()
        return done.is_behind

    async def _sleep(self, seconds: float, *, wakes: bool) -> None:
        """Wait; a wake-up ends it early, unless we are backing off, when only :meth:`stop` does."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), left)
            was_woken = self._woken.is_set()
            self._woken.clear()
            if self._stopping or (wakes and was_woken):
                return


def _will_pass(error: Exception) -> bool:
    if isinstance(error, OSError | RestoredDatabase):
        return True
    return is_outage(error) or sqlstate(error) in SERIALIZATION_STATES
