"""Clues over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.clues.routes.clues import router as clues_router
from services.monitoring.clues.routes.reports import router

routers = (router, clues_router)
