"""Keep a mark for each clue that waits to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from gateway.heard import ClueRaised
from gateway.todos.tables import TodoMark

_MARK: Final = rows(TodoMark)


async def mark_clues(unit: UnitOfWork, told: Sequence[tuple[ClueRaised, Envelope]]) -> None:
    """Open, change or close the marks of clues, wherever their households have moved; older news changes nothing."""
    marks = [
        {
            "kind": "clue",
            "id": envelope.subject,
            "region": envelope.region,
            "household_id": event.household,
            "severity": event.severity,
            "due_at": event.due,
            "is_open": event.state == "open",
            "version": envelope.aggregate_version,
        }
        for event, envelope in sorted(told, key=lambda each: each[1].subject)
    ]
    statement = insert(_MARK).values(marks)
    newer = {name: statement.excluded[name] for name in marks[0] if name not in ("kind", "id")}
    await unit.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[_MARK.c.kind, _MARK.c.id], set_=newer, where=_MARK.c.version <= statement.excluded.version
        )
    )


async def forget_marks(connection: AsyncConnection) -> None:
    """Empty the marks, to be built anew from the first event."""
    await connection.execute(delete(_MARK))
