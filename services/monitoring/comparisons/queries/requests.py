"""Requests of cases: who is still to answer, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.security.scope import Role
from services.monitoring.comparisons.tables import ComparisonItem, ComparisonRequest

REQUEST: Final = rows(ComparisonRequest)
ITEM: Final = rows(ComparisonItem)
KIND: Final = "comparison_request"

IS_ASKED: Final = "EXISTS (SELECT FROM comparison_request AS r WHERE r.case_id = {case}.id AND r.state = 'open')"
"""The SQL that says whether a department is still to answer about ``case``."""


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A department that is still to answer: it holds the step until ``due_at``.

    :param state: ``overdue`` once the due has passed: then its silence may be recorded.
    """

    request_id: UUID
    department: str
    due_at: datetime
    state: Literal["open", "overdue"]


async def outstanding(unit: UnitOfWork, case_ids: Sequence[UUID]) -> dict[UUID, list[Outstanding]]:
    """The open requests of these cases, the earliest due first, in one statement; a case without any has none.

    A case is compared when it was asked (see :func:`requests_of`) and nothing is outstanding.
    """
    now = unit.clock.business_now()
    statement = (
        select(REQUEST.c.case_id, REQUEST.c.id, REQUEST.c.department, REQUEST.c.due_at)
        .where(REQUEST.c.case_id.in_(list(case_ids)), REQUEST.c.state == "open", *visible(unit))
        .order_by(REQUEST.c.due_at, REQUEST.c.department)
    )
    found: dict[UUID, list[Outstanding]] = {case_id: [] for case_id in case_ids}
    for row in await unit.connection.execute(statement):
        state: Literal["open", "overdue"] = "overdue" if now > row.due_at else "open"
        found[row.case_id].append(Outstanding(row.id, row.department, row.due_at, state))
    return found


async def requests_of(unit: UnitOfWork, case_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Every request of these cases in the order in which they were opened, closed ones too, in one statement."""
    statement = select(REQUEST).where(REQUEST.c.case_id.in_(list(case_ids)), *visible(unit)).order_by(REQUEST.c.id)
    found: dict[UUID, list[Any]] = {case_id: [] for case_id in case_ids}
    for row in await unit.connection.execute(statement):
        found[row.case_id].append(row)
    return found


async def request_row(unit: UnitOfWork, request_id: UUID, *, lock: bool = False) -> Any:
    """The row of a request that the caller may meet, locked for a change if asked.

    :raises NotFound: if there is none; a clerk meets those of the own department alone.
    """
    found = await request_rows(unit, [request_id], lock=lock)
    if request_id not in found:
        raise NotFound
    return found[request_id]


async def request_rows(unit: UnitOfWork, ids: Sequence[UUID], *, lock: bool = False) -> dict[UUID, Any]:
    """The rows of these requests that the caller may meet, by id."""
    statement = select(REQUEST).where(REQUEST.c.id.in_(list(ids)), *visible(unit)).order_by(REQUEST.c.id)
    if lock:
        statement = statement.with_for_update()
    return {row.id: row for row in await unit.connection.execute(statement)}


async def item_rows(unit: UnitOfWork, requests: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The items of these requests in their order, in one statement."""
    statement = select(ITEM).where(
        ITEM.c.request_id.in_(list(requests)), ITEM.c.region.between(unit.area.lo, unit.area.hi)
    )
    found: dict[UUID, list[Any]] = {request_id: [] for request_id in requests}
    for row in await unit.connection.execute(statement.order_by(ITEM.c.request_id, ITEM.c.number)):
        found[row.request_id].append(row)
    return found


def visible(unit: UnitOfWork) -> list[ColumnElement[bool]]:
    """Which requests the actor may meet: of the area, and for a clerk of that department (clause F1)."""
    conditions: list[ColumnElement[bool]] = [REQUEST.c.region.between(unit.area.lo, unit.area.hi)]
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        conditions.append(REQUEST.c.department == (unit.actor.department or ""))
    return conditions
