"""One visit, a household's visits, and what they said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.queries.one import household_row
from services.monitoring.visits.schemas import DutyMet, VisitPage, VisitQuery, VisitRead, VisitVersion, VisitVersions
from services.monitoring.visits.tables import Visit, VisitHistory, VisitMet
from services.monitoring.visits.visibility import HEALTH_REASONS, knows_health

VISIT: Final = rows(Visit)
MET: Final = rows(VisitMet)
HISTORY: Final = rows(VisitHistory)
_HIDDEN: Final = ("forms", "findings", "photo_file_id")
_DERIVED: Final = {"met", "is_taken_over"}


async def read_visit(unit: UnitOfWork, visit_id: UUID) -> VisitRead:
    """One visit with the duties that it met.

    :raises NotFound: if there is none in the caller's area.
    """
    [shown] = await show_visits(unit, [await visit_row(unit, visit_id)])
    return shown


async def list_visits(unit: UnitOfWork, household_id: UUID, query: VisitQuery) -> VisitPage:
    """One page of a household's visits.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    statement = select(VISIT).where(
        VISIT.c.household_id == household_id,
        VISIT.c.region.between(unit.area.lo, unit.area.hi),
        VISIT.c.state == query.state,
    )
    operation = f"visit_list:{household_id}"
    after = query.position(unit.vault.cursors, operation)
    statement = keyset(statement, [VISIT.c.visited_on, VISIT.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, operation, lambda row: [str(row.visited_on), str(row.id)]
    )
    return VisitPage(items=await show_visits(unit, kept), next_cursor=cursor)


async def visit_history(unit: UnitOfWork, visit_id: UUID) -> VisitVersions:
    """What a visit said before each amendment.

    :raises NotFound: if there is no such visit in the caller's area.
    """
    await visit_row(unit, visit_id)
    statement = select(HISTORY).where(HISTORY.c.id == visit_id, HISTORY.c.region.between(unit.area.lo, unit.area.hi))
    found = (await unit.connection.execute(statement.order_by(HISTORY.c.version))).all()
    told = knows_health(unit)
    return VisitVersions(
        items=[
            VisitVersion(
                version=row.version,
                replaced_at=row.replaced_at,
                reason=row.reason,
                visited_on=row.document["visited_on"],
                way=row.document["way"],
                findings=row.document["findings"] if told else None,
                next_on=row.document["next_on"],
            )
            for row in found
        ]
    )


async def visit_row(unit: UnitOfWork, visit_id: UUID, *, lock: bool = False) -> Any:
    """The row of a visit in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(VISIT).where(VISIT.c.id == visit_id, VISIT.c.region.between(unit.area.lo, unit.area.hi))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def show_visits(unit: UnitOfWork, visits: Sequence[Any]) -> list[VisitRead]:
    """Visits as the caller may see them."""
    statement = select(MET).where(
        MET.c.visit_id.in_([row.id for row in visits]), MET.c.region.between(unit.area.lo, unit.area.hi)
    )
    met: dict[UUID, list[DutyMet]] = {row.id: [] for row in visits}
    homes = {row.id: row.household_id for row in visits}
    told = knows_health(unit)
    for row in await unit.connection.execute(statement.order_by(MET.c.reason, MET.c.subject_id)):
        if told or row.reason not in HEALTH_REASONS:
            person = None if row.subject_id == homes[row.visit_id] else row.subject_id
            met[row.visit_id].append(DutyMet(reason=row.reason, person_id=person, due_on=row.due_on))
    hidden = {} if told else dict.fromkeys(_HIDDEN)
    return [
        VisitRead(
            **{name: getattr(row, name) for name in VisitRead.model_fields if name not in _DERIVED} | hidden,
            is_taken_over=row.source_id is not None,
            met=met[row.id],
        )
        for row in visits
    ]
