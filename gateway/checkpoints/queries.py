"""Give back what a service said of its chain."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audit.checkpoints import Checkpoint
from chassis.database.metadata import rows
from gateway.checkpoints.tables import HeardCheckpoint

_HEARD: Final = rows(HeardCheckpoint)


async def heard_from(connection: AsyncConnection, service: str) -> tuple[Checkpoint, ...]:
    """Every checkpoint heard from ``service``, in the order of its chain."""
    found = await connection.execute(
        select(_HEARD).where(_HEARD.c.service == service).order_by(_HEARD.c.epoch, _HEARD.c.seals)
    )
    return tuple(
        Checkpoint(row.epoch, row.last_entry, row.seals, bytes.fromhex(row.mac), row.key_id, row.said_at.isoformat())
        for row in found
    )
