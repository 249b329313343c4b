"""Whom the county may approve: only households that are in range on the day of its decision (clause B5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from services.monitoring.cases.rules.guards import fault
from services.monitoring.classification.queries.decide import classify_households
from services.monitoring.households.tables import Household

_HOUSEHOLD: Final = rows(Household)


async def range_faults(unit: UnitOfWork, entering: Mapping[str, Any], *, on: date) -> list[Fault]:
    """Which of these cases would be approved for nothing: its household is out of range, or is no more.

    :param entering: where the request names a case → its row.
    :raises LineMissing: naming each row of the line that has to be entered first.
    """
    if not entering:
        return []
    living = await living_homes(unit, [row.household_id for row in entering.values()])
    shocks = {row.household_id: row.shock_verified for row in entering.values() if row.household_id in living}
    made = await classify_households(unit, shocks, decided_on=on) if shocks else {}
    faults = []
    for pointer, row in entering.items():
        if row.household_id not in living:
            faults.append(fault("household_ended", pointer))
        elif made[row.household_id].monitoring_type is None:
            faults.append(fault("not_in_range", pointer))
    return faults


async def living_homes(unit: UnitOfWork, homes: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these households somebody is left of: only for these is there an income by person to decide on."""
    if not homes:
        return frozenset()
    statement = select(_HOUSEHOLD.c.id).where(
        _HOUSEHOLD.c.id.in_(homes), _HOUSEHOLD.c.state == "active", _HOUSEHOLD.c.member_count > 0
    )
    return frozenset((await unit.connection.execute(statement)).scalars())
