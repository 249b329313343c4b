"""Carry one W3C trace through a request, its log lines, its records and its events."""

from __future__ import annotations

import re
import secrets
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PARENT: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_KEY: Final = "xianjie.traceparent"


def traceparent_of(scope: Scope) -> str | None:
    """The ``traceparent`` of this request, or None outside one."""
    value: str | None = scope.get(_KEY)
    return value


def trace_id_of(scope: Scope) -> str | None:
    """The 32 hexadecimal digits that a person reads to an administrator."""
    value = traceparent_of(scope)
    return value.split("-")[1] if value else None


class TraceMiddleware:
    """Take the caller's trace or start one; bind it to the log; return it as ``traceresponse``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        match = _PARENT.fullmatch(given)
        trace_id = match[1].decode() if match else secrets.token_hex(16)
        scope[_KEY] = f"00-{trace_id}-{secrets.token_hex(8)}-01"
        response = (b"traceresponse", scope[_KEY].encode())

        async def send_with_trace(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], response]
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            await self.app(scope, receive, send_with_trace)
