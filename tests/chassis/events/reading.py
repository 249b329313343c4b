"""Envelopes of the tally for a consumer, and what it keeps of them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from chassis.events.event import Envelope
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted

OTHER_VILLAGE = 610999102001


def counted(subject=None, version=1, **changes) -> Envelope:
    from datetime import UTC, datetime

    base = Envelope(
        new_id(), Counted.wire_type(), "/services/tally", subject or new_id(), version, VILLAGE,
        datetime.now(UTC), None, {"step": 1},
    )  # fmt: skip
    return replace(base, **changes)


async def rows(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(table))).all()
