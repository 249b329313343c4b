"""Serve an application as every program of ours is served, by its own command line or as part of another process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator
from typing import Any

import orjson
import structlog
import uvicorn
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.errors import MalformedRequest, Unavailable
from chassis.http.problems import CONTENT_TYPE, problem, problem_response

GRACEFUL_SECONDS = 20
CONCURRENCY_MAX = 512
"""Connections, or requests at work, of one process; beyond them a request is refused."""

HEAD_SECONDS_MAX = 30.0
"""How long a client may take to say what it wants: a line and headers of at most 32 KiB."""

_POLL_SECONDS = 0.01
_log = structlog.get_logger(__name__)


def server_config(app: object, **where: object) -> uvicorn.Config:
    """Bounded, quiet about addresses, no header that tells the make. ``where``: ``uds``, or ``host`` and ``port``."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=ProblemProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        limit_concurrency=None,  # ours, see ProblemProtocol: uvicorn's refusal is no problem document
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        timeout_keep_alive=30,
        **where,  # type: ignore[arg-type]
    )


class _InOneWrite:
    """A transport that keeps one write back until the next one or the loop's next turn, and sends both in one call.

    uvicorn writes an answer's head and its body apart, which wakes whoever waits for them twice. All else is the
    transport's own; never more than one write is kept, so its flow control holds for the rest.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._kept: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        kept, self._kept = self._kept, None
        if kept is None:
            self._kept = data
            self._loop.call_soon(self._send)
        else:
            self._transport.writelines((kept, data))

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None and not self._transport.is_closing():
            self._transport.write(kept)


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, but a head goes out along with its body, what it refuses by itself is a problem too, and who
    never says what it wants is let go.

    A connection without a whole head counts like any other: left open, a few hundred of them would shut out everybody.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_InOneWrite(transport))  # type: ignore[arg-type]
        self._application = self.app
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_awaiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A head mostly comes in one piece: so no timer is set for it. One that is set stands, whatever drips in.
        if self._is_at_work() and self.cycle.scope is self.scope:
            self._stop_awaiting()
        elif self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        is_full = len(self.connections) >= CONCURRENCY_MAX or len(self.tasks) >= CONCURRENCY_MAX
        self.app = _refuse if is_full else self._application
        super().on_headers_complete()

    def _is_at_work(self) -> bool:
        """Whether a request's answer is still owed."""
        return bool(self.cycle) and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS_MAX, self._give_up)

    def _stop_awaiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self._is_at_work():  # a second head behind the first request, whose answer comes first
            self._await_head()
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words
        body = orjson.dumps(problem(MalformedRequest(), language="zh", instance="/", trace_id=""))
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {CONTENT_TYPE}\r\ncontent-language: zh-CN\r\n"
        head += f"cache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 503 while there are as many connections or requests as may be."""
    _log.warning("server_full", most=CONCURRENCY_MAX)
    response = problem_response(Request(scope), Unavailable())
    response.headers["Connection"] = "close"
    await response(scope, receive, send)


class Server(uvicorn.Server):
    """A server that leaves signals to the process it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def served(config: uvicorn.Config) -> AsyncIterator[Server]:
    """Listen while the block runs; then finish what is under way.

    :raises SystemExit: from uvicorn, after it has logged why, if the address cannot be listened on.
    """
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110  # the library offers no event
            await asyncio.sleep(_POLL_SECONDS)
        yield server
    finally:
        server.should_exit = True
        await serving
