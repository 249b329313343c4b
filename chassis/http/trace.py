"""Carry one W3C trace through a request, its log lines, its records and its events; time, count and log it once."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.telemetry import tracing
from chassis.telemetry.logging import READY
from chassis.telemetry.metrics import RequestMetrics

UNMATCHED: Final = "(unmatched)"
"""What stands for the route of a request that met none: its path is the client's own text."""

_log = logging.getLogger("xianjie.access")
_KEY: Final = "xianjie.traceparent"
_ROUTE: Final = "xianjie.route"
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def traceparent_of(scope: Scope) -> str | None:
    """The ``traceparent`` of this request, or None outside one."""
    value: str | None = scope.get(_KEY)
    return value


def trace_id_of(scope: Scope) -> str | None:
    """The 32 hexadecimal digits that a person reads to an administrator."""
    value = traceparent_of(scope)
    return value.split("-")[1] if value else None


def name_route(scope: Scope, template: str) -> None:
    """Say under which template this request is counted, where no route of the framework serves it."""
    scope[_ROUTE] = template


class TraceMiddleware:
    """Take the caller's trace or start one; bind it to the log; return it as ``traceresponse``.

    :param program: whose requests these are.
    :param requests: where they are counted.
    """

    def __init__(self, app: ASGIApp, *, program: str, requests: RequestMetrics) -> None:
        self.app = app
        self._program = program
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        step = tracing.begin(self._program, method, kind="SERVER", parent=_given(scope))
        if not tracing.is_on() or step.traceparent is None:
            step.traceparent = _next(step.traceparent)
        traceparent = step.traceparent
        scope[_KEY] = traceparent
        response = (b"traceresponse", traceparent.encode())
        status: int | None = None

        async def send_with_trace(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], response]
            await send(message)

        trace_id = traceparent[3:35]
        self._requests.in_flight += 1
        try:
            with structlog.contextvars.bound_contextvars(trace_id=trace_id), tracing.current(step):
                await self.app(scope, receive, send_with_trace)
        except Exception:
            status = status or 500  # what the outermost layer answers
            raise
        finally:
            seconds = perf_counter() - began
            self._requests.in_flight -= 1
            route = _route_of(scope)
            self._requests.answered(method, route, status, seconds)
            step.note(_attributes(method, route, status), name=f"{method} {route}")
            step.end(str(status) if status is not None and status >= 500 else None)
            if _log.isEnabledFor(logging.INFO):
                self._write(trace_id, method, route, status, seconds)

    def _write(self, trace_id: str, method: str, route: str, status: int | None, seconds: float) -> None:
        line = {
            "event": "request",
            "program": self._program,
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "trace_id": trace_id,
            "level": "info",
            "logger": _log.name,
            "timestamp": datetime.now(UTC),
        }
        # Made by hand: looking for the caller's place in the source would cost more than all the rest.
        record = logging.LogRecord(_log.name, logging.INFO, __file__, 0, "request", None, None)
        setattr(record, READY, line)
        _log.handle(record)


def _given(scope: Scope) -> str | None:
    given = next((value for name, value in scope["headers"] if name == b"traceparent"), None)
    if given is None:
        return None
    text = given.decode("latin-1")
    return text if tracing.PARENT.fullmatch(text) else None


def _next(parent: str | None) -> str:
    """Our own place in the trace, without an exporter: the caller's trace and its word on sampling, or a new trace."""
    if parent is None:
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    return f"{parent[:36]}{secrets.token_hex(8)}{parent[52:]}"


def _route_of(scope: Scope) -> str:
    route: str | None = scope.get(_ROUTE) or getattr(scope.get("route"), "path", None)
    return route or UNMATCHED


def _attributes(method: str, route: str, status: int | None) -> dict[str, Any]:
    known = {"http.request.method": method, "http.route": route}
    return known if status is None else {**known, "http.response.status_code": status}
