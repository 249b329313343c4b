"""Describe the gateway's own database and its worker; what it serves over HTTP is composed in :mod:`gateway.app`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.service import Service
from gateway.base import Table
from gateway.subscriptions import SUBSCRIPTIONS, TODOS

SERVICE: Final = Service(
    name="gateway",
    title=Message("网关", "Gateway"),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    events=(sealed_event("gateway"),),
    subscriptions=SUBSCRIPTIONS,
    projections=(TODOS,),
)
