"""Answer with what takes long to make: it is made when the transaction is over and its connection back in the pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class LateResponse(Response):
    """An answer whose content ``make`` gives before its first byte goes out, so that a fault is still a problem answer.

    It is not kept for an Idempotency-Key: a repeated request makes it again.
    """

    def __init__(self, make: Callable[[], Awaitable[bytes]], *, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(headers=headers, media_type=media_type)
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body = await self._make()
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
