"""List findings for a cadre to work off, and clash tasks for a county."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.households.schemas.findings import (
    ClashPage,
    ClashQuery,
    ClashRead,
    FindingPage,
    FindingQuery,
    FindingRead,
)
from services.monitoring.households.tables import ClashTask, Finding
from services.monitoring.households.versions import columns_of

_FINDING: Final = rows(Finding)
_TASK: Final = rows(ClashTask)

HEALTH_CODES: Final = frozenset(
    {
        "disability_not_in_health",
        "disability_risk_without_disabled",
        "healthy_and_ill",
        "illness_risk_without_ill",
        "illness_risk_without_self_pay",
    }
)
"""Doubts that tell of somebody's health by their very code."""


async def list_findings(unit: UnitOfWork, query: FindingQuery, *, language: Language) -> FindingPage:
    """One page of findings, by division and id; without those that tell of health, for who may not know it.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = narrowed(unit, query.region)
    statement = select(_FINDING).where(
        _FINDING.c.region.between(area.lo, area.hi), _FINDING.c.state == query.state.value
    )
    if unit.actor.role not in KNOWS_HEALTH:
        statement = statement.where(_FINDING.c.code.not_in(HEALTH_CODES))
    if query.code is not None:
        statement = statement.where(_FINDING.c.code == query.code)
    after = query.position(unit.vault.cursors, "finding_list")
    statement = keyset(statement, [_FINDING.c.region, _FINDING.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, "finding_list", lambda row: [row.region, str(row.id)])
    return FindingPage(items=[show_finding(row, language=language) for row in kept], next_cursor=cursor)


async def finding_row(unit: UnitOfWork, finding_id: UUID, *, lock: bool = False) -> Any:
    """The row of a finding in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    return await _row(unit, _FINDING, finding_id, lock=lock)


def show_finding(row: Any, *, language: Language) -> FindingRead:
    """A finding with its message in the reader's language."""
    known = columns_of(row)
    shown = {name: known[name] for name in FindingRead.model_fields if name in known}
    return FindingRead(**shown, message=row.message_zh if language == "zh" else row.message_en)


async def list_clashes(unit: UnitOfWork, query: ClashQuery) -> ClashPage:
    """One page of clash tasks of the caller's area."""
    statement = select(_TASK).where(
        _TASK.c.region.between(unit.area.lo, unit.area.hi), _TASK.c.state == query.state.value
    )
    after = query.position(unit.vault.cursors, "clash_list")
    statement = keyset(statement, [_TASK.c.region, _TASK.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, "clash_list", lambda row: [row.region, str(row.id)])
    return ClashPage(items=[show_clash(row) for row in kept], next_cursor=cursor)


async def clash_row(unit: UnitOfWork, task_id: UUID, *, lock: bool = False) -> Any:
    """The row of a clash task in the caller's area; errors as :func:`finding_row`."""
    return await _row(unit, _TASK, task_id, lock=lock)


def show_clash(row: Any) -> ClashRead:
    return ClashRead(**columns_of(row))


async def _row(unit: UnitOfWork, table: Any, thing: UUID, *, lock: bool) -> Any:
    statement = select(table).where(table.c.id == thing, table.c.region.between(unit.area.lo, unit.area.hi))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row
