"""Keep a consumer's place in its group for as long as its program runs, also while the bus is away at the start."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog

from chassis.bus.protocol import Bus, BusAway, Membership, Subscriber

PAUSE_SECONDS: Final = 0.5
PAUSE_SECONDS_MAX: Final = 5.0

log = structlog.get_logger(__name__)


class Seat:
    """The place that one consumer has, or waits for."""

    def __init__(self, bus: Bus, subscriber: Subscriber) -> None:
        self.group = subscriber.name
        self._bus = bus
        self._subscriber = subscriber
        self._member: Membership | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Join, trying as long as it takes, and leave in order when ``stop`` is set."""
        pause = PAUSE_SECONDS
        while not stop.is_set():
            try:
                self._member = await self._joined(stop)
                break
            except BusAway as away:
                log.warning("consumer.waits_for_bus", group=self.group, reason=str(away))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(2 * pause, PAUSE_SECONDS_MAX)
        if self._member is None:
            return
        try:
            await stop.wait()
        finally:
            await self._member.leave()

    async def _joined(self, stop: asyncio.Event) -> Membership | None:
        """The membership; None if we are to stop before the group has formed."""
        joining = asyncio.ensure_future(self._bus.join(self._subscriber))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([joining, stopping], return_when=asyncio.FIRST_COMPLETED)
            return joining.result() if joining.done() else None
        finally:
            for task in (joining, stopping):
                task.cancel()
            await asyncio.gather(joining, stopping, return_exceptions=True)

    async def probe(self) -> dict[str, Any]:
        """For ``/health/status``: ready while each partition gets on."""
        if self._member is None:
            return {"ready": False, "group": self.group, "waits_for": "bus"}
        return await self._member.probe()
