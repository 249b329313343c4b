"""End an exchange whose client has hung up, or that lasts too long, without slowing down one that is quick."""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from starlette.types import Receive

QUICK_SECONDS: Final = 0.05
"""An exchange that is over by then never needs the task that listens for the client's leaving."""

Reason = Literal["client_gone", "too_long"]


class ClientWatch:
    """Watches over the task that makes it, and cancels it at most once; that task catches the cancellation.

    ASGI tells of a client's leaving only to who calls ``receive``, which also hands out the request's body. So
    listening begins when the body is through.
    """

    __slots__ = ("_deadline", "_is_over", "_listener", "_loop", "_receive", "_task", "_timer", "reason")

    def __init__(self, receive: Receive, *, seconds_max: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._loop = task.get_loop()
        self._receive = receive
        self._deadline = self._loop.time() + seconds_max
        self._timer: asyncio.TimerHandle | None = None
        self._listener: asyncio.Task[None] | None = None
        self._is_over = False
        self.reason: Reason | None = None

    @property
    def is_too_late(self) -> bool:
        return self._loop.time() > self._deadline

    def body_is_through(self) -> None:
        """From now on nobody else calls ``receive``; may be said twice."""
        if self._timer is None:
            self._timer = self._loop.call_later(QUICK_SECONDS, self._begin)

    def close(self) -> None:
        """The exchange is over, or about to be: it will not be cancelled any more."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._listener is not None:
            self._listener.cancel()

    def caught(self) -> bool:
        """Called with a cancellation in hand: whether it is ours. If so, the task goes on as if uncancelled."""
        if self.reason is None:
            return False
        self._task.uncancel()
        return True

    def _begin(self) -> None:
        if not self._is_over:
            self._listener = self._loop.create_task(self._listen())

    async def _listen(self) -> None:
        reason: Reason = "client_gone"
        try:
            async with asyncio.timeout_at(self._deadline):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            reason = "too_long"
        if not self._is_over:
            self.reason = reason
            self._task.cancel()
