"""Serve metrics where no client of the platform reaches them: a service's own socket, the gateway's own machine."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from chassis.errors import DomainError
from chassis.program import program_of
from chassis.telemetry.metrics import metrics_of

router = APIRouter(include_in_schema=False)

_PROXIED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """What Prometheus scrapes of a service."""
    return _answer(await metrics_of(program_of(request)).exposition())


def loopback_router(registry: CollectorRegistry, *, otherwise: type[DomainError]) -> APIRouter:
    """``/metrics`` for a program whose port is public: only for a peer on this machine that is no proxy.

    :param otherwise: raised for everybody else, as for an address that does not exist.
    """
    made = APIRouter(include_in_schema=False)

    @made.get("/metrics")
    async def metrics(request: Request) -> Response:
        """What Prometheus scrapes."""
        if not _is_local(request):
            raise otherwise
        return _answer(generate_latest(registry))

    return made


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _answer(body: bytes) -> Response:
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
