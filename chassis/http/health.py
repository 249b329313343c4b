"""Say whether this program lives, can serve, and what state its parts are in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chassis.program import program_of

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def live() -> Response:
    """The process answers."""
    return JSONResponse({"status": "live"})


@router.get("/ready")
async def ready(request: Request) -> Response:
    """This program can serve: its own database answers."""
    reachable = await program_of(request).database.is_reachable()
    return JSONResponse({"status": "ready" if reachable else "waiting"}, status_code=200 if reachable else 503)


@router.get("/status")
async def status(request: Request) -> Response:
    """Every part of this program and its age in seconds."""
    program = program_of(request)
    reachable = await program.database.is_reachable()
    parts: dict[str, Any] = {"database": {"ready": reachable}}
    for name, probe in program.probes.items():
        parts[name] = await probe()
    good = all(part["ready"] for part in parts.values())
    body = {"program": program.name, "business_date": program.clock.today().isoformat(), "ready": good, "parts": parts}
    return JSONResponse(body, status_code=200 if good else 503)
