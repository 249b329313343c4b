"""What the gateway reads of the services' events: their wire names, and only the fields that it needs.

It imports no service. A test holds each of these against the contract of the service that publishes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.audit.checkpoints import AuditSealed, sealed_event
from chassis.events.event import Event

SERVICES: Final = ("monitoring", "assets", "employment", "funds")
"""The services whose events the gateway hears, by the names in their wire types."""


class ClueRaised(Event, type="monitoring.clue.raised", version=1, full_state=True):
    """线索: a clue was raised, grew or was judged."""

    household: UUID
    severity: str
    due: datetime | None = None
    state: str = "open"


AUDITS_SEALED: Final[tuple[type[AuditSealed], ...]] = tuple(sealed_event(service) for service in SERVICES)
