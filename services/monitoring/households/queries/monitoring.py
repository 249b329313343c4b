"""Read the dated facts of a household's monitoring."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.schemas.monitoring import HouseholdMonitoring, MonitoringFactRead
from services.monitoring.households.tables import MonitoringFact

_FACT: Final = rows(MonitoringFact)


async def monitoring_of(unit: UnitOfWork, household_id: UUID) -> HouseholdMonitoring:
    """The facts in the order in which they were recorded; the last one is what the household shows.

    :raises NotFound: if there is no such household in the caller's area.
    """
    household = await household_row(unit, household_id)
    found = await unit.connection.execute(
        select(*(_FACT.c[name] for name in MonitoringFactRead.model_fields))
        .where(_FACT.c.household_id == household_id, _FACT.c.region == household.region)
        .order_by(_FACT.c.number)
    )
    facts = [MonitoringFactRead(**row._mapping) for row in found]  # noqa: SLF001
    return HouseholdMonitoring(household_id=household.id, region=household.region, facts=facts)
