"""The registry over HTTP, one file per theme."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from services.monitoring.households.routes import composition, findings, persons, registry, transfers

router: Final = APIRouter()
for theme in (registry, persons, composition, findings, transfers):
    router.include_router(theme.router)
