"""What departments' files already say of people: nothing of it is asked or typed again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.comparisons.rules import Known
from services.monitoring.datasets.tables import DepartmentRecord

RECORD: Final = rows(DepartmentRecord)


async def known_records(unit: UnitOfWork, persons: Collection[UUID], datasets: Collection[str]) -> Sequence[Known]:
    """The records in force about these people under these contracts, of the unit's area."""
    statement = select(RECORD).where(
        RECORD.c.person_id.in_(list(persons)),
        RECORD.c.dataset.in_(sorted(datasets)),
        RECORD.c.state == "in_force",
        RECORD.c.region.between(unit.area.lo, unit.area.hi),
    )
    found: Sequence[Any] = (await unit.connection.execute(statement)).all()
    return found
