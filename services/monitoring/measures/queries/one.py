"""One measure that was recorded here, as the caller may see it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.households.queries.one import KNOWS_HEALTH, shown_risks
from services.monitoring.measures.schemas import MeasureRead, MeasureTerms, MeasureVersion, MeasureVersions
from services.monitoring.measures.tables import Measure, MeasureHistory

MEASURE: Final = rows(Measure)
_HISTORY: Final = rows(MeasureHistory)


async def read_measure(unit: UnitOfWork, measure_id: UUID) -> MeasureRead:
    """The measure; errors as :func:`measure_row`."""
    return shown(unit, await measure_row(unit, measure_id))


async def measure_history(unit: UnitOfWork, measure_id: UUID) -> MeasureVersions:
    """What the measure said before each change; errors as :func:`measure_row`."""
    await measure_row(unit, measure_id)
    area = unit.area
    statement = select(_HISTORY).where(_HISTORY.c.id == measure_id, _HISTORY.c.region.between(area.lo, area.hi))
    found = (await unit.connection.execute(statement.order_by(_HISTORY.c.version))).all()
    return MeasureVersions(items=[_version(row) for row in found])


async def measure_row(unit: UnitOfWork, measure_id: UUID, *, lock: bool = False) -> Any:
    """The row of a measure in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(MEASURE).where(MEASURE.c.id == measure_id, in_area(unit))
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return MEASURE.c.region.between(unit.area.lo, unit.area.hi)


def shown(unit: UnitOfWork, row: Any) -> MeasureRead:
    """A stored measure as the caller may see it: what it tells of somebody's health by role."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    plain = {name: known[name] for name in MeasureRead.model_fields if name in known}
    plain["risks"] = shown_risks(unit, row.risks)
    if unit.actor.role not in KNOWS_HEALTH:
        plain["description"] = plain["end_note"] = None
        if plain["risks"] != list(row.risks) or row.kind == MeasureKind.HEALTH.value:
            plain["person_id"] = None
    return MeasureRead(
        **plain
        | {
            "amount": row.amount_fen,
            "state": "replaced" if row.state == "withdrawn" else "in_force",
            "progress": row.state,
            "source_id": row.id,
            "origin": "own",
            "terms": MeasureTerms.model_validate(row.terms) if row.scheme is not None else None,
        }
    )


def _version(row: Any) -> MeasureVersion:
    said = row.document
    kept = {name: said[name] for name in ("kind", "started_on", "planned_end_on", "ended_on", "source")}
    return MeasureVersion(
        **kept,
        version=row.version,
        amount=said["amount_fen"],
        progress=said["state"],
        replaced_at=row.replaced_at,
        reason=row.reason,
    )
