"""Keep a mark for each clue that waits to be judged."""

from __future__ import annotations

from typing import Final

from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from gateway.heard import ClueRaised
from gateway.todos.tables import TodoMark

_MARK: Final = rows(TodoMark)


async def mark_clue(unit: UnitOfWork, event: ClueRaised, envelope: Envelope) -> None:
    """Open, change or close the mark of a clue; older news than what is kept never comes this far."""
    told = {
        "region": envelope.region,
        "household_id": event.household,
        "severity": event.severity,
        "due_at": event.due,
        "is_open": event.state == "open",
        "version": envelope.aggregate_version,
    }
    statement = insert(_MARK).values(kind="clue", id=envelope.subject, **told)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=[_MARK.c.kind, _MARK.c.id], set_=told))
