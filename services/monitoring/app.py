"""Compose monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.service import Service
from services.monitoring.base import Table
from services.monitoring.clues import routes as clues
from services.monitoring.codes import routes as codes
from services.monitoring.contract import EVENTS
from services.monitoring.households import routes as households
from services.monitoring.parameters import CATALOGUE
from services.monitoring.regions import routes as regions

SERVICE: Final = Service(
    name="monitoring",
    title=Message("防返贫动态监测", "Monitoring against falling back into poverty"),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    routers=(codes.router, *households.routers, clues.router, regions.router),
    parameters=CATALOGUE,
    change_kinds=("household", "person", "clue"),
    events=(*EVENTS, sealed_event("monitoring")),
)
