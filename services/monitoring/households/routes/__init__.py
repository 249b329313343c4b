"""The registry over HTTP, one file per theme."""

from __future__ import annotations

from typing import Final

from services.monitoring.households.routes import composition, findings, persons, registry, transfers

routers: Final = (
    registry.router,
    persons.router,
    composition.router,
    findings.router,
    transfers.router,
)
"""Side by side: the application takes routers of routes, not of further routers."""
