"""Read the lines of a household, and what a line said before."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.households.queries.one import household_row
from services.monitoring.income.schemas import (
    IncomeLinePage,
    IncomeLineQuery,
    IncomeLineRead,
    IncomeLineVersion,
    IncomeLineVersions,
)
from services.monitoring.income.tables import IncomeLineHistory, IncomeLineRow

LINE: Final = rows(IncomeLineRow)
_HISTORY: Final = rows(IncomeLineHistory)
OPERATION: Final = "income_line_list"


async def list_lines(unit: UnitOfWork, household_id: UUID, query: IncomeLineQuery) -> IncomeLinePage:
    """One page of a household's lines, by day.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    statement = select(LINE).where(LINE.c.household_id == household_id, in_area(unit), LINE.c.state == query.state)
    # The household is part of the operation: a cursor leads on in the list that it came from, nowhere else.
    operation = f"{OPERATION}:{household_id}"
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, [LINE.c.counts_on, LINE.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, operation, lambda row: [str(row.counts_on), str(row.id)]
    )
    return IncomeLinePage(items=[shown(row) for row in kept], next_cursor=cursor)


async def read_line(unit: UnitOfWork, line_id: UUID) -> IncomeLineRead:
    """One line.

    :raises NotFound: if there is none in the caller's area.
    """
    row = (await unit.connection.execute(select(LINE).where(LINE.c.id == line_id, in_area(unit)))).one_or_none()
    if row is None:
        raise NotFound
    return shown(row)


async def line_history(unit: UnitOfWork, line_id: UUID) -> IncomeLineVersions:
    """What the line said before each correction.

    :raises NotFound: if there is no such line in the caller's area.
    """
    await read_line(unit, line_id)
    statement = select(_HISTORY).where(_HISTORY.c.id == line_id, _HISTORY.c.region.between(unit.area.lo, unit.area.hi))
    found = (await unit.connection.execute(statement.order_by(_HISTORY.c.version))).all()
    return IncomeLineVersions(
        items=[
            IncomeLineVersion(
                version=row.version,
                kind=row.document["kind"],
                amount=row.document["amount_fen"],
                on=row.document["counts_on"],
                source=row.document["source"],
                replaced_at=row.replaced_at,
                reason=row.reason,
            )
            for row in found
        ]
    )


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return LINE.c.region.between(unit.area.lo, unit.area.hi)


def shown(row: Any) -> IncomeLineRead:
    """A stored line as it is handed out."""
    kind = IncomeLineKind(row.kind)
    return IncomeLineRead(
        id=row.id,
        household_id=row.household_id,
        person_id=row.person_id,
        region=row.region,
        kind=kind,
        group=kind.group,
        amount=row.amount_fen,
        on=row.counts_on,
        source=row.source,
        source_event_id=row.source_event_id,
        state=row.state,
        version=row.version,
        recorded_at=row.recorded_at,
    )
