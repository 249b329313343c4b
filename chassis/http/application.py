"""Make the FastAPI application of a service: its routers under ``/v1/<name>``, everything else the same for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.events.wakeup import Waker
from chassis.http import documents, health, problems
from chassis.http.document import document
from chassis.http.kernel_routes import kernel_routers
from chassis.http.switchboard import Switchboard, add_flat
from chassis.http.trace import TraceMiddleware
from chassis.lifecycle import opened
from chassis.program import Program
from chassis.service import Service
from chassis.telemetry import routes as telemetry
from chassis.telemetry.metrics import metrics_of
from chassis.telemetry.tracing import configure_tracing

API_VERSION = "1.0.0"


def create_app(service: Service, program: Program) -> FastAPI:
    """The API of ``service``, run by ``program``."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        configure_tracing()
        waker, stop = Waker(program.database), asyncio.Event()
        program.events_written = waker.wrote
        async with opened(service, program), asyncio.TaskGroup() as group:
            group.create_task(waker.run(stop))
            yield
            stop.set()

    app = FastAPI(
        title=f"{service.title.zh} · {service.title.en}",
        version=API_VERSION,
        description=f"{service.about.zh}\n\n{service.about.en}" if service.about else "",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        max_body_size=program.settings.body_bytes_max,
        generate_unique_id_function=_declared_name,
    )
    app.state.program = program
    for router in (*service.routers, *kernel_routers(service)):
        add_flat(app.router, router, f"/v1/{service.name}")
    add_flat(app.router, documents.router, f"/v1/{service.name}")
    add_flat(app.router, health.router, "")
    add_flat(app.router, telemetry.router, "")
    app.state.documents = documents.Documents(service, lambda: app.openapi(), routes=len(app.router.routes))
    app.router.middleware_stack = Switchboard(app.router)
    problems.install(app)
    app.add_middleware(TraceMiddleware, program=program.name, requests=metrics_of(program).requests)
    app.openapi = _document(app, service)  # type: ignore[method-assign]
    return app


def _declared_name(route: APIRoute) -> str:
    if route.include_in_schema and not route.operation_id:
        raise TypeError(f"{route.path}: declare operation_id='resource_verb', unique across services")
    return route.operation_id or route.name


def _document(app: FastAPI, service: Service) -> Callable[[], dict[str, Any]]:
    """Made anew for each caller: as objects it takes many times the room of the answer that is kept of it."""
    return lambda: document(app, code=service.migrations.parent.parent)
