"""Department files over HTTP, one file per theme."""

from __future__ import annotations

from typing import Final

from services.monitoring.datasets.routes import catalogue, reconciliation, submissions, submitting

routers: Final = (catalogue.router, submitting.router, submissions.router, reconciliation.router)
