"""Serve an application as every program of ours is served, by its own command line or as part of another process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.errors import MalformedRequest
from chassis.http.problems import CONTENT_TYPE, problem

GRACEFUL_SECONDS = 20
CONCURRENCY_MAX = 512
_POLL_SECONDS = 0.01


def server_config(app: object, **where: object) -> uvicorn.Config:
    """Bounded, quiet about addresses, no header that tells the make. ``where``: ``uds``, or ``host`` and ``port``."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=ProblemProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        limit_concurrency=CONCURRENCY_MAX,
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
    """uvicorn's protocol, but a head goes out along with its body, and what is no HTTP at all, which the application
    never sees, is answered by a problem too.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_InOneWrite(transport))  # type: ignore[arg-type]

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own words
        body = orjson.dumps(problem(MalformedRequest(), language="zh", instance="/", trace_id=""))
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {CONTENT_TYPE}\r\ncontent-language: zh-CN\r\n"
        head += f"cache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


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
