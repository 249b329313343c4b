"""Screening over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.screening.routes.rules import router as rules_router
from services.monitoring.screening.routes.runs import router as runs_router

routers = (rules_router, runs_router)
