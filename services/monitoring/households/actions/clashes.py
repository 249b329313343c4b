"""Open a task where a person already stands, without telling the place that asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security import scope
from chassis.security.scope import Area
from services.monitoring.households.tables import ClashTask, Person

_PERSON: Final = rows(Person)
_TASK: Final = rows(ClashTask)


def report_clash(persons: Sequence[UUID], *, claimed_region: int, on: date) -> Callable[[Program], Awaitable[None]]:
    """What to do once the refused registration has been rolled back: one task per person, once however often asked."""

    async def report(program: Program) -> None:
        actor = scope.program("registration-clash", claimed_region)
        async with program.unit(actor, area=Area.everywhere()) as unit:
            found = await unit.connection.execute(
                select(_PERSON.c.id, _PERSON.c.region).where(_PERSON.c.id.in_(persons))
            )
            for person in found.all():
                task = {
                    "id": new_id(),
                    "region": person.region,
                    "person_id": person.id,
                    "claimed_region": claimed_region,
                    "state": "open",
                    "found_on": on,
                    "version": 1,
                }
                made = await unit.connection.execute(
                    insert(_TASK).values(task).on_conflict_do_nothing().returning(_TASK.c.id)
                )
                if made.one_or_none() is not None:
                    unit.record("clash.open", Aggregate("clash_task", task["id"], person.region, 1))

    return report
