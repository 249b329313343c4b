"""List a household's measures."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.queries.one import household_row
from services.monitoring.measures.schemas import MeasurePage, MeasureQuery, MeasureRead
from services.monitoring.measures.tables import ImportedMeasure

_MEASURE: Final = rows(ImportedMeasure)
_LIST: Final = "measure_list"


async def list_measures(unit: UnitOfWork, household_id: UUID, query: MeasureQuery) -> MeasurePage:
    """One page of a household's measures.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    statement = select(_MEASURE).where(
        _MEASURE.c.household_id == household_id,
        _MEASURE.c.region.between(unit.area.lo, unit.area.hi),
        _MEASURE.c.state == query.state,
    )
    operation = f"{_LIST}:{household_id}"
    after = query.position(unit.vault.cursors, operation)
    statement = keyset(statement, [_MEASURE.c.started_on, _MEASURE.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, operation, lambda row: [str(row.started_on), str(row.id)]
    )
    return MeasurePage(items=[_shown(row) for row in kept], next_cursor=cursor)


def _shown(row: Any) -> MeasureRead:
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    return MeasureRead(
        **{name: known[name] for name in MeasureRead.model_fields if name in known}, amount=row.amount_fen
    )
