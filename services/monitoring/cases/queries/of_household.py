"""Whether a case that something names is its household's."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from services.monitoring.cases.queries.rows import CASE

_OTHER_CASE: Final = Message("该户没有这个个案，请核对。", "The household has no such case; check the id.")


async def case_faults(unit: UnitOfWork, household_id: UUID, case_id: UUID | None) -> list[Fault]:
    """Whether a measure, a consent or an interview names a case that is not its household's.

    Of a case in another area nothing is told but that.
    """
    if case_id is None:
        return []
    statement = select(CASE.c.id).where(
        CASE.c.id == case_id,
        CASE.c.household_id == household_id,
        CASE.c.region.between(unit.area.lo, unit.area.hi),
    )
    found = (await unit.connection.execute(statement)).first()
    return [] if found is not None else [Fault("/case_id", "other_case", _OTHER_CASE)]
