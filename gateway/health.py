"""Say whether the gateway lives and can serve, and what state every program of the platform is in.

The gateway stays ready when a service is down: the others are still served. ``/health/status`` is 200 only when all
programs are ready.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from chassis.errors import DomainError
from gateway.settings import GatewaySettings
from gateway.upstreams import Upstream

STATUS_BYTES_MAX: Final = 262_144
_HEADERS: Final = [(b"accept", b"application/json"), (b"accept-encoding", b"identity")]


class StatusBoard:
    """Asks all services and workers at once, and keeps the answer for a moment: asking often costs them nothing."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        settings: GatewaySettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstreams = upstreams
        self._seconds_max = settings.status_seconds_max
        self._fresh_seconds = settings.status_fresh_seconds
        self._monotonic = monotonic
        self._started_at = monotonic()
        self._asking = asyncio.Lock()
        self._ready_at: dict[str, float] = {}
        self._kept: tuple[float, dict[str, Any]] | None = None

    async def look(self) -> dict[str, Any]:
        """``ready``, and for each of ``programs`` whether it is ready, its age and what it said of itself.

        ``age_seconds`` is the time since the program was last seen ready; null if it never was.
        """
        async with self._asking:
            if self._kept is None or self._monotonic() - self._kept[0] >= self._fresh_seconds:
                answers = await asyncio.gather(*(self._ask(upstream) for upstream in self._upstreams.values()))
                programs: dict[str, Any] = {"gateway": self._own()} | dict(zip(self._upstreams, answers, strict=True))
                good = all(program["ready"] for program in programs.values())
                self._kept = (self._monotonic(), {"program": "gateway", "ready": good, "programs": programs})
            return self._kept[1]

    def _own(self) -> dict[str, Any]:
        return {"ready": True, "age_seconds": 0.0, "up_seconds": round(self._monotonic() - self._started_at, 3)}

    async def _ask(self, upstream: Upstream) -> dict[str, Any]:
        began = self._monotonic()
        answer: Any = None
        reason: str | None = None
        is_ready = False
        try:
            document = await upstream.fetch(
                b"/health/status", _HEADERS, bytes_max=STATUS_BYTES_MAX, seconds_max=self._seconds_max
            )
            answer = orjson.loads(document.body)
            is_ready = document.status == 200
        except DomainError as error:
            reason = error.code
        except orjson.JSONDecodeError:
            reason = "no_json"
        now = self._monotonic()
        if is_ready:
            self._ready_at[upstream.name] = now
        seen = self._ready_at.get(upstream.name)
        return {
            "ready": is_ready,
            "age_seconds": None if seen is None else round(now - seen, 3),
            "answered_in_seconds": None if answer is None else round(now - began, 3),
            "breaker": upstream.breaker.state,
            "reason": reason,
            "answer": answer,
        }


def health_router(board: StatusBoard) -> APIRouter:
    """``/health/live``, ``/health/ready`` and ``/health/status``."""
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def live() -> Response:
        """The process answers."""
        return JSONResponse({"status": "live"}, headers={"Cache-Control": "no-store"})

    @router.get("/ready")
    async def ready() -> Response:
        """The gateway can serve; it needs nothing but itself for that."""
        return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})

    @router.get("/status")
    async def status() -> Response:
        """Every program; 200 only when all are ready."""
        state = await board.look()
        return JSONResponse(state, 200 if state["ready"] else 503, headers={"Cache-Control": "no-store"})

    return router
