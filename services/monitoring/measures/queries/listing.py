"""List a household's measures: those recorded here and those that the national system's exports brought."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, and_, case, cast, literal_column, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.queries.one import household_row
from services.monitoring.measures.queries.one import MEASURE, shown
from services.monitoring.measures.schemas import MeasurePage, MeasureQuery, MeasureRead
from services.monitoring.measures.tables import ImportedMeasure

_IMPORTED: Final = rows(ImportedMeasure)
_LIST: Final = "measure_list"
_OF_OWN: Final = tuple(column for column in MEASURE.columns if column.name != "recorded_by")


async def list_measures(unit: UnitOfWork, household_id: UUID, query: MeasureQuery) -> MeasurePage:
    """One page of a household's measures, by their first day.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    both = union_all(_own(unit, household_id, query.state), _taken_over(unit, household_id, query.state)).subquery()
    operation = f"{_LIST}:{household_id}"
    after = query.position(unit.vault.cursors, operation)
    statement = keyset(select(both), [both.c.started_on, both.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, operation, lambda row: [str(row.started_on), str(row.id)]
    )
    return MeasurePage(items=[_shown(unit, row, query.state) for row in kept], next_cursor=cursor)


def _own(unit: UnitOfWork, household_id: UUID, state: str) -> Select[Any]:
    withdrawn = MEASURE.c.state == "withdrawn"
    area = unit.area
    return select(cast(null(), _IMPORTED.c.source_id.type).label("source_id"), *_OF_OWN).where(
        and_(
            MEASURE.c.household_id == household_id,
            MEASURE.c.region.between(area.lo, area.hi),
            withdrawn if state == "replaced" else ~withdrawn,
        )
    )


def _taken_over(unit: UnitOfWork, household_id: UUID, state: str) -> Select[Any]:
    """The same columns, blank where an export says nothing."""
    ended = _IMPORTED.c.ended_on <= unit.clock.today()
    known: dict[str, Any] = {
        "risks": literal_column("CAST('{}' AS text[])", ARRAY(Text)),
        "terms": literal_column("CAST('{}' AS jsonb)", JSONB),
        "state": case((ended, "ended"), else_="running"),
    }
    columns = [
        known.get(column.name, _IMPORTED.c.get(column.name, cast(null(), column.type))).label(column.name)
        for column in _OF_OWN
    ]
    area = unit.area
    return select(_IMPORTED.c.source_id, *columns).where(
        _IMPORTED.c.household_id == household_id,
        _IMPORTED.c.region.between(area.lo, area.hi),
        _IMPORTED.c.state == state,
    )


def _shown(unit: UnitOfWork, row: Any, state: str) -> MeasureRead:
    if row.source_id is None:
        return shown(unit, row)
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    plain = {name: known[name] for name in MeasureRead.model_fields if name in known}
    return MeasureRead(
        **plain
        | {
            "amount": row.amount_fen,
            "origin": "national",
            "progress": row.state,
            "state": state,
            "terms": None,
        }
    )
