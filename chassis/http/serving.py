"""Serve an application as every program of ours is served, by its own command line or as part of another process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator

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


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, but what is no HTTP at all is answered by a problem too: the application never sees it."""

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
