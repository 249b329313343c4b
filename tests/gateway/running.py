"""Run real servers in a test: stub services and the gateway on loopback or Unix sockets, and a client by hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from gateway.app import Gateway, create_gateway
from gateway.serving import gateway_server_config
from gateway.settings import GatewaySettings

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def running(config: uvicorn.Config, *, is_patient: bool = True) -> AsyncIterator[int | None]:
    """Serve until the block ends; gives the port, or None on a Unix socket. The impatient cuts off what is at work."""
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
        if task.done():
            task.result()
    name = server.servers[0].sockets[0].getsockname()
    try:
        yield name[1] if isinstance(name, tuple) else None
    finally:
        server.should_exit, server.force_exit = True, not is_patient
        await task


@asynccontextmanager
async def service(app: Asgi, *, uds: Path | None = None, port: int = 0) -> AsyncIterator[str]:
    """A stub service; gives the address as the gateway's settings write it."""
    where: dict[str, Any] = {"uds": str(uds)} if uds else {"host": "127.0.0.1", "port": port}
    config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False, date_header=False,
                            server_header=False, **where)  # fmt: skip
    async with running(config, is_patient=False) as listening:
        yield f"unix:{uds}" if uds else f"http://127.0.0.1:{listening}"


@dataclass
class Running:
    """A gateway that runs, and a client of it."""

    gateway: Gateway
    port: int
    client: httpx.AsyncClient

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to speak HTTP on by hand."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def raw(self, request: bytes) -> bytes:
        """Everything that comes back for these bytes until the server closes; the request should ask it to."""
        reader, writer = await self.connect()
        writer.write(request)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        return answer


@asynccontextmanager
async def gateway(upstreams: dict[str, str], *, extra_routers: Any = (), **settings: Any) -> AsyncIterator[Running]:
    """A gateway over these upstreams, with settings for a test unless given."""
    settings = {"connect_seconds_max": 1, "document_fresh_seconds": 0, "status_fresh_seconds": 0} | settings
    made = create_gateway(GatewaySettings(upstreams=upstreams, **settings), extra_routers=extra_routers)
    async with (
        running(gateway_server_config(made, host="127.0.0.1", port=0)) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client,
    ):
        assert port is not None
        yield Running(made, port, client)


@dataclass
class Recorder:
    """A stub service that keeps what it was sent and answers 200 with a small JSON object."""

    requests: list[Any] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [(b"content-type", b"application/json")])
    body: bytes = b'{"ok":true}'

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests.append(scope)
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.bodies.append(bytes(body))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    @property
    def sent(self) -> dict[bytes, bytes]:
        """Headers of the last request."""
        return dict(self.requests[-1]["headers"])
