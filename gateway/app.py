"""Compose the gateway: the pass-through to the services first, its own addresses beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry, ProcessCollector
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from chassis.errors import DomainError
from chassis.http import problems
from chassis.http.application import API_VERSION
from chassis.http.document import document
from chassis.http.trace import TraceMiddleware, name_route
from chassis.telemetry.metrics import RequestMetrics
from chassis.telemetry.routes import loopback_router
from chassis.telemetry.tracing import configure_tracing
from gateway.contract_document.contract import ContractDocument
from gateway.contract_document.routes import contract_router
from gateway.errors import UnknownAddress
from gateway.event_document import EventDocument, events_router
from gateway.forwarding import check_host
from gateway.health import StatusBoard, health_router
from gateway.pages.routes import pages_router
from gateway.relay import Relay
from gateway.settings import GatewaySettings
from gateway.upstreams import Upstreams

NAME: Final = "gateway"


class Gateway:
    """The ASGI application. ``own`` serves what no service does; ``upstreams`` are closed with its lifespan."""

    def __init__(self, own: FastAPI, relay: Relay, upstreams: Upstreams, requests: RequestMetrics) -> None:
        self.own = own
        self.upstreams = upstreams
        self._relay = relay
        self._traced = TraceMiddleware(self._dispatch, program=NAME, requests=requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._traced(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.own(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_host(scope["headers"], scope["http_version"])
        except DomainError as error:
            # Without that Host: Starlette makes an address of it, and fails on some.
            scope["headers"] = [header for header in scope["headers"] if header[0] != b"host"]
            await problems.problem_response(Request(scope), error)(scope, receive, send)
            return
        upstream = self._relay.upstream_for(scope["raw_path"])
        if upstream is None:
            await self.own(scope, receive, send)
        else:
            name_route(scope, f"/v1/{upstream.name}/*")
            await self._relay.relay(upstream, scope, receive, send)


def create_gateway(settings: GatewaySettings, *, extra_routers: Sequence[APIRouter] = ()) -> Gateway:
    """The gateway over the services that ``settings`` name.

    :param extra_routers: served beside its own addresses; embedded mode adds its issuer's ``/oauth2``.
    """
    upstreams, workers = Upstreams.of(settings), Upstreams.workers_of(settings)
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        configure_tracing()
        yield
        await upstreams.aclose()
        await workers.aclose()

    own = FastAPI(
        title="衔接 · Xianjie",
        version=API_VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        max_body_size=settings.body_bytes_max,
    )
    contract = ContractDocument(upstreams, settings, lambda: own_document(own))
    own.include_router(health_router(StatusBoard({**upstreams, **workers}, settings)))
    own.include_router(contract_router(contract))
    own.include_router(events_router(EventDocument(upstreams, settings)))
    own.include_router(pages_router(docs=settings.docs))
    own.include_router(loopback_router(registry, otherwise=UnknownAddress))
    for router in extra_routers:
        own.include_router(router)
    own.router.default = _unknown
    problems.install(own)
    return Gateway(own, Relay(upstreams, settings), upstreams, RequestMetrics(registry))


def own_document(own: FastAPI) -> dict[str, Any]:
    """What the gateway says of its own operations."""
    return document(own, code=Path(__file__).parent)


async def _unknown(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise UnknownAddress
