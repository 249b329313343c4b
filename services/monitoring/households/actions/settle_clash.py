"""Settle a clash: the person stays here, or no longer belongs here and may be registered where it was tried."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.households.queries.findings import clash_row, show_clash
from services.monitoring.households.schemas.findings import ClashRead, ClashSettle
from services.monitoring.households.tables import ClashTask, Person

_TASK: Final = rows(ClashTask)
_PERSON: Final = rows(Person)
_SETTLED = Message("该核实任务已办结。", "This task is settled already.")
_STILL_HERE = Message(
    "此人仍登记在本辖区。请先办理迁移，或将错误登记移除，再办结为已释放。",
    "The person still stands in your area. Offer the household to the other area, or remove a wrong entry, first.",
)


async def settle_clash(unit: UnitOfWork, task_id: UUID, body: ClashSettle, *, version: int) -> ClashRead:
    """The task, settled with what the county found.

    :raises NotFound: if it is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is settled, or ``released`` while the person still stands in the caller's area.
    """
    task = await clash_row(unit, task_id, lock=True)
    require_version(version, task.version)
    if task.state != "open":
        raise StateRefused(faults=[Fault("", "clash_settled", _SETTLED)])
    if body.outcome == "released":
        here = select(_PERSON.c.id).where(
            _PERSON.c.id == task.person_id,
            _PERSON.c.region.between(unit.area.lo, unit.area.hi),
            _PERSON.c.state != "removed",
        )
        if (await unit.connection.execute(here)).one_or_none() is not None:
            raise StateRefused(faults=[Fault("/outcome", "person_still_here", _STILL_HERE)])
    settled = await unit.connection.execute(
        update(_TASK)
        .where(_TASK.c.id == task.id)
        .values(
            state=body.outcome,
            explanation=body.explanation,
            settled_on=unit.clock.today(),
            version=_TASK.c.version + 1,
        )
        .returning(_TASK)
    )
    row = settled.one()
    unit.record(
        "clash.settle", Aggregate("clash_task", row.id, row.region, row.version), fields=["explanation", "state"]
    )
    return show_clash(row)
