"""Keep each checkpoint that a service publishes."""

from __future__ import annotations

from typing import Final

from sqlalchemy.dialects.postgresql import insert

from chassis.audit.checkpoints import AuditSealed
from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from gateway.checkpoints.tables import HeardCheckpoint

_HEARD: Final = rows(HeardCheckpoint)


async def keep_checkpoint(unit: UnitOfWork, event: AuditSealed, envelope: Envelope) -> None:
    """Keep it as it was said. What is kept is never changed: a second word about one seal stands beside the first.

    The very same event, which a replay delivers again, is there already.
    """
    await unit.connection.execute(
        insert(_HEARD)
        .values(
            event_id=envelope.id,
            service=event.database,
            epoch=event.epoch,
            seals=event.count,
            last_entry=event.last_entry,
            mac=event.mac,
            key_id=event.key_id,
            said_at=envelope.time,
        )
        .on_conflict_do_nothing(index_elements=[_HEARD.c.event_id])
    )
