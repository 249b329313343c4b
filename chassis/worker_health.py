"""Let a worker tell what an API tells of itself: that it lives, that it is ready, the state of its parts, its metrics.

At an address that no client of the platform reaches: a Unix socket beside the services' own, or a port on loopback.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.http import health, problems
from chassis.http.serving import Server, served, server_config
from chassis.program import Program
from chassis.telemetry import routes as telemetry


def health_app(program: Program) -> FastAPI:
    """``/health/live``, ``/health/ready``, ``/health/status`` and ``/metrics`` of the worker that ``program`` is."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.program = program
    # Nobody waits for an answer of a worker: it is ready when each of its parts works, which is its status.
    for path, tell in (("live", health.live), ("ready", health.status), ("status", health.status)):
        app.add_api_route(f"/health/{path}", tell)
    app.include_router(telemetry.router)
    problems.install(app)
    return app


@asynccontextmanager
async def telling(program: Program, **where: object) -> AsyncIterator[Server]:
    """Answer while the worker runs. ``where``: ``uds``, or ``host`` and ``port``.

    ::

        async with telling(program, host="127.0.0.1", port=9101):
            await Worker(service, program, bus).run(stop)
    """
    async with served(server_config(health_app(program), lifespan="off", **where)) as server:
        yield server
