"""`pass-through`: what the gateway adds to a request, beside a bare ASGI + httpx relay in the same run.

``python -m tests.benchmarks pass-through``. Service, gateway and bare relay are processes of their own on loopback;
their slices alternate, so that a busy machine hits both alike, and the medians of the slices are compared.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn

from chassis.ports import free_port
from tests.benchmarks.load import run_slice
from tests.benchmarks.report import Measured, median, percentile

P50_RATIO_MAX: Final = 1.3
SECONDS: Final = 24
SLICES: Final = 9
START_SECONDS_MAX: Final = 60
_ROOT: Final = Path(__file__).parents[2]
_PAGE: Final = json.dumps({"items": [{"id": n, "members": 4, "region": 610999101203} for n in range(20)]}).encode()
_HEAD: Final = (
    b"Host: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\nAccept-Language: zh-CN\r\n"
    b"Authorization: Bearer " + b"t" * 600 + b"\r\n"
)
_REPORT: Final = json.dumps({"description": "x" * 600}).encode()
_REQUESTS: Final = {
    "get": b"GET /v1/monitoring/households?limit=20 HTTP/1.1\r\n" + _HEAD + b"\r\n",
    "post": b"POST /v1/monitoring/reports HTTP/1.1\r\n%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (_HEAD, len(_REPORT), _REPORT),
}
_CONNECTIONS: Final = (1, 16)


async def service(scope: Any, receive: Any, send: Any) -> None:
    """The least that a service costs: read the body, answer a page of 1 kB."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_PAGE)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _PAGE})


def bare_relay(upstream: str) -> Any:
    """The least that passes a request on with streaming both ways: no limit, no check, no trace, no problem."""
    client = httpx.AsyncClient(base_url=upstream, limits=httpx.Limits(max_connections=64), timeout=60)

    async def relay(scope: Any, receive: Any, send: Any) -> None:
        async def body() -> AsyncIterator[bytes]:
            more = True
            while more:
                message = await receive()
                more = message.get("more_body", False)
                yield message.get("body", b"")

        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        has_body = any(name == b"content-length" for name, _ in scope["headers"])
        request = client.build_request(
            scope["method"],
            target.decode(),
            headers=[header for header in scope["headers"] if header[0] not in (b"host", b"connection")],
            content=body() if has_body else None,
        )
        answer = await client.send(request, stream=True)
        try:
            headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() != b"connection"]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            async for piece in answer.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()

    return relay


def serve(role: str, port: int, upstream_port: int) -> None:
    """Run one of the three programs, all with the same server settings."""
    from gateway.app import create_gateway
    from gateway.serving import gateway_server_config
    from gateway.settings import GatewaySettings

    upstream = f"http://127.0.0.1:{upstream_port}"
    if role == "gateway":
        app: Any = create_gateway(GatewaySettings(upstreams={"monitoring": upstream}))
    else:
        app = service if role == "service" else bare_relay(upstream)
    uvicorn.Server(gateway_server_config(app, host="127.0.0.1", port=port, lifespan="off")).run()


@contextmanager
def programs() -> Iterator[dict[str, int]]:
    """The three programs, listening; their ports by role."""
    ports = {role: free_port() for role in ("service", "gateway", "bare")}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.pass_through", role, str(port), str(ports["service"])],
            cwd=_ROOT,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
        )
        for role, port in ports.items()
    ]
    try:
        for port in ports.values():
            _wait_until_listening(port)
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def run() -> Iterator[Measured]:
    """The p50 of GET and POST, over one connection and over sixteen; p99 goes to stderr, for reading."""
    span = SECONDS / (len(_REQUESTS) * len(_CONNECTIONS) * 2 * (SLICES + 1))
    with programs() as ports:
        for kind, request in _REQUESTS.items():
            for connections in _CONNECTIONS:
                name = f"pass-through.{kind}.{connections}"
                found: dict[str, list[list[float]]] = {"gateway": [], "bare": []}
                for _ in range(SLICES + 1):
                    for role, slices in found.items():
                        seen = run_slice(
                            ports[role], lambda request=request: _always(request), seconds=span, connections=connections
                        )
                        assert seen.statuses.keys() == {200}, seen.statuses
                        slices.append(seen.latencies)
                p50, p99 = (
                    {
                        role: 1e6 * median([percentile(one, share) for one in slices[1:]])
                        for role, slices in found.items()
                    }
                    for share in (0.5, 0.99)
                )  # without the first slice, which warms up
                ratio = p99["gateway"] / p99["bare"]
                sys.stderr.write(f"{name}.p99: {p99['gateway']:.0f} us, bare {p99['bare']:.0f} us ({ratio:.2f})\n")
                yield Measured(f"{name}.p50", p50["gateway"], p50["bare"], "us", P50_RATIO_MAX, "lower")


def _always(request: bytes) -> Iterator[bytes]:
    while True:
        yield request


def _wait_until_listening(port: int) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
