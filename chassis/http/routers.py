"""Make the router of one noun, whose requests each run as one transaction."""

from __future__ import annotations

from fastapi import APIRouter

from chassis.http.unit_route import UnitRoute


def service_router(noun: str, *, prefix: str = "") -> APIRouter:
    """The router of one noun, whose requests each run as one transaction."""
    return APIRouter(prefix=prefix, tags=[noun], route_class=UnitRoute)
