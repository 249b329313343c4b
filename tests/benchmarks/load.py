"""Send HTTP/1.1 requests over a fixed number of connections, as fast as they are answered; loopback only."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import uvloop

_HEAD_END = b"\r\n\r\n"


@dataclass
class Slice:
    """What one slice of load saw: latencies in seconds, by status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


class _Connection(asyncio.Protocol):
    """One connection that sends the next request when the answer to the last one is whole."""

    def __init__(self, requests: Iterator[bytes], until: float, seen: Slice, done: asyncio.Future[None]) -> None:
        self._requests, self._until, self._seen, self._done = requests, until, seen, done
        self._buffer = bytearray()
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]  # uvloop's own
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        status = int(head[9:12])
        self._seen.statuses[status] = self._seen.statuses.get(status, 0) + 1
        self._seen.latencies.append(now - self._sent_at)
        del self._buffer[: end + 4 + length]
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            if exc is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(exc)


def run_slice(port: int, requests: Callable[[], Iterator[bytes]], *, seconds: float, connections: int) -> Slice:
    """Load 127.0.0.1:``port`` for ``seconds``; each connection has its own sequence of requests."""

    async def load() -> Slice:
        seen = Slice()
        gc.freeze()  # a full collection of ours would be taken for a slow answer
        loop = asyncio.get_running_loop()
        start = time.perf_counter()
        ends = []
        for _ in range(connections):
            done: asyncio.Future[None] = loop.create_future()
            source = requests()
            await loop.create_connection(
                lambda source=source, done=done: _Connection(source, start + seconds, seen, done), "127.0.0.1", port
            )
            ends.append(done)
        await asyncio.gather(*ends)
        seen.seconds = time.perf_counter() - start
        return seen

    return uvloop.run(load())
