"""Take what the employment service tells of spells of work; each fact once, in whatever order both ends arrive."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.events.subscriptions import PersonUnknown
from chassis.records import Aggregate
from chassis.security.scope import Area
from services.monitoring.households.tables import Person
from services.monitoring.work.tables import WorkSpell

KIND: Final = "work_spell"
SPELL: Final = rows(WorkSpell)
_PERSON: Final = rows(Person)


async def hear_start(unit: UnitOfWork, spell: UUID, *, person: UUID, kind: str, place: int | None, on: date) -> None:
    """A person works since ``on``.

    :raises PersonUnknown: if the registry does not know them; the event waits.
    """
    await _hear(unit, spell, person, {"kind": kind, "place": place, "started_on": on})


async def hear_end(
    unit: UnitOfWork, spell: UUID, *, person: UUID, kind: str, place: int | None, on: date, reason: str | None
) -> None:
    """A person worked there for the last time ``on``; errors as :func:`hear_start`."""
    await _hear(unit, spell, person, {"kind": kind, "place": place, "ended_on": on, "end_reason": reason})


async def _hear(unit: UnitOfWork, spell: UUID, person: UUID, said: dict[str, Any]) -> None:
    await unit.widen(Area.everywhere())  # the person may have moved since the event was written
    region = (
        await unit.connection.execute(select(_PERSON.c.region).where(_PERSON.c.id == person))
    ).scalar_one_or_none()
    if region is None:
        raise PersonUnknown(person)
    inserted = insert(SPELL).values(id=spell, region=region, person_id=person, **said)
    again = said | {"version": SPELL.c.version + 1, "recorded_at": text("clock_timestamp()")}
    statement = inserted.on_conflict_do_update(index_elements=["id"], set_=again).returning(SPELL)
    row = (await unit.connection.execute(statement)).one()
    unit.record(f"{KIND}.hear", Aggregate(KIND, row.id, row.region, row.version), fields=sorted(said))
