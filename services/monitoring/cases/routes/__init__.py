"""Cases over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.cases.routes.eliminating import router as eliminating_router
from services.monitoring.cases.routes.helping import router as helping_router
from services.monitoring.cases.routes.lists import router as lists_router
from services.monitoring.cases.routes.reading import router as reading_router
from services.monitoring.cases.routes.settling import router as settling_router
from services.monitoring.cases.routes.verifying import router as verifying_router

routers = (lists_router, reading_router, verifying_router, settling_router, helping_router, eliminating_router)
