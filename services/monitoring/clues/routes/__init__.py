"""Clues over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.clues.routes.clues import router as clues_router
from services.monitoring.clues.routes.reports import hot as hot_reports_router
from services.monitoring.clues.routes.reports import router as reports_router
from services.monitoring.clues.routes.self_reports import router as self_reports_router

routers = (hot_reports_router, reports_router, clues_router, self_reports_router)
