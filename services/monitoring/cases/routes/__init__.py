"""Cases over HTTP, one file per theme."""

from __future__ import annotations

from services.monitoring.cases import tables as tables

routers = ()
