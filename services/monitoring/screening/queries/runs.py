"""Runs of a county's screening, the newest first."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import next_cursor
from services.monitoring.screening.schemas import RunPage, RunQuery, RunRead
from services.monitoring.screening.tables import ScreeningRun

_RUN: Final = rows(ScreeningRun)
_OPERATION: Final = "screening_run_list"


async def list_runs(unit: UnitOfWork, query: RunQuery) -> RunPage:
    """One page of the caller's area."""
    statement = select(_RUN).where(_RUN.c.region.between(unit.area.lo, unit.area.hi))
    if query.state is not None:
        statement = statement.where(_RUN.c.state == query.state.value)
    after = query.position(unit.vault.cursors, _OPERATION)
    if after is not None:
        statement = statement.where(_RUN.c.id < UUID(after[0]))
    found = (await unit.connection.execute(statement.order_by(_RUN.c.id.desc()).limit(query.limit + 1))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _OPERATION, lambda row: [str(row.id)])
    return RunPage(items=[show_run(row) for row in kept], next_cursor=cursor)


async def read_run(unit: UnitOfWork, run_id: UUID) -> RunRead:
    """One run of the caller's area.

    :raises NotFound: if there is none.
    """
    statement = select(_RUN).where(_RUN.c.id == run_id, _RUN.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return show_run(row)


def show_run(row: Any) -> RunRead:
    known = {name: getattr(row, name) for name in RunRead.model_fields if name != "rules"}
    return RunRead(**known, rules={rule_id: told["version"] for rule_id, told in row.rules.items()})
