"""Department files over HTTP, one file per theme."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from services.monitoring.datasets.routes import catalogue, reconciliation, submissions, submitting

router: Final = APIRouter()
for theme in (catalogue, submitting, submissions, reconciliation):
    router.include_router(theme.router)
