"""The requests that wait, the earliest due first."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, not_, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.comparisons.queries.one import shown
from services.monitoring.comparisons.queries.requests import REQUEST, visible
from services.monitoring.comparisons.schemas import ComparisonPage, ComparisonQuery, ComparisonRow
from services.monitoring.datasets.queries.submissions import require_department

_OPERATION: Final = "comparison_list"


async def list_requests(unit: UnitOfWork, query: ComparisonQuery) -> ComparisonPage:
    """One page of the caller's area; a clerk's is the to-do list of the own department.

    :raises NotFound: if a clerk asks for another department's.
    """
    if query.department is not None:
        require_department(unit, query.department)
    statement = select(REQUEST).where(*visible(unit), REQUEST.c.state == query.state.value)
    for name in ("department", "case_id", "household_id"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(REQUEST.c[name] == wanted)
    now = unit.clock.business_now()
    if query.overdue is not None:
        late = and_(REQUEST.c.state == "open", REQUEST.c.due_at < now)
        statement = statement.where(late if query.overdue else not_(late))
    after = query.position(unit.vault.cursors, _OPERATION)
    paged = keyset(statement, [REQUEST.c.due_at, REQUEST.c.id], after, query.limit)
    found = (await unit.connection.execute(paged)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [row.due_at.isoformat(), str(row.id)]
    )
    return ComparisonPage(items=[ComparisonRow(**shown(row, now)) for row in kept], next_cursor=cursor)
