"""Clues over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.clues.routes.clues import router as clues_router
from services.monitoring.clues.routes.reports import router as reports_router
from services.monitoring.clues.routes.self_reports import router as self_reports_router

routers = (reports_router, clues_router, self_reports_router)
