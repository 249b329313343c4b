"""Bring the findings of many households in line with what the rules say now; open the tasks that clashes ask for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Area
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.findings import correct_findings, open_findings
from services.monitoring.households.judge import STANDING
from services.monitoring.households.tables import ClashTask, Finding, Person

_FINDING: Final = rows(Finding)
_PERSON: Final = rows(Person)
_TASK: Final = rows(ClashTask)


async def renew_many(
    unit: UnitOfWork, households: Sequence[tuple[Any, Sequence[Doubt]]], *, codes: Collection[str] = STANDING
) -> None:
    """As :func:`~services.monitoring.households.findings.renew_findings`, for many households in three statements.

    :param codes: of the doubts that were looked for.
    """
    found = await unit.connection.execute(
        select(_FINDING).where(
            _FINDING.c.household_id.in_([household.id for household, _ in households]),
            _FINDING.c.region.between(unit.area.lo, unit.area.hi),
            _FINDING.c.state.in_(["open", "explained"]),
            _FINDING.c.code.in_(list(codes)),
        )
    )
    held = {
        (household.id, doubt.person_id, doubt.fault.code): (household, doubt)
        for household, doubts in households
        for doubt in doubts
    }
    known = {(row.household_id, row.person_id, row.code): row.id for row in found}
    await correct_findings(unit, [finding for key, finding in known.items() if key not in held])
    await open_findings(unit, [found for key, found in held.items() if key not in known])


async def open_clash_tasks(unit: UnitOfWork, by_region: dict[int, set[UUID]]) -> None:
    """A task where each of these persons stands, once however often asked.

    Call it last in the transaction: it reaches beyond the area.
    """
    if not by_region:
        return
    await unit.widen(Area.everywhere())
    persons = {person for claimed in by_region.values() for person in claimed}
    found = await unit.connection.execute(select(_PERSON.c.id, _PERSON.c.region).where(_PERSON.c.id.in_(persons)))
    stands: dict[UUID, int] = {row.id: row.region for row in found}
    values = [
        {
            "id": new_id(),
            "region": stands[person],
            "person_id": person,
            "claimed_region": region,
            "state": "open",
            "found_on": unit.clock.today(),
            "version": 1,
        }
        for region, claimed in sorted(by_region.items())
        for person in sorted(claimed)
        if person in stands
    ]
    if not values:
        return
    made = await unit.connection.execute(
        insert(_TASK).on_conflict_do_nothing().returning(_TASK.c.id, _TASK.c.region), values
    )
    for row in made.all():
        unit.record("clash.open", Aggregate("clash_task", row.id, row.region, 1))
