"""The cases of an area, the earliest due first; near and late are computed, so nothing has to be swept for them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import Select, false, func, literal, not_, select, text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.cases.queries.rows import CASE, show_cases
from services.monitoring.cases.queries.yearly_update import awaited_in
from services.monitoring.cases.schemas.reading import CasePage, CaseQuery
from services.monitoring.codes.cases import Holder
from services.monitoring.comparisons.queries.requests import IS_ASKED
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.tables import GONE_SQL

_OPERATION: Final = "case_list"
_IS_ASKED: Final = text(IS_ASKED.format(case="monitoring_case"))
_IS_LEFT: Final = CASE.c.household_id.in_(text(f"SELECT id FROM household WHERE {GONE_SQL}"))  # noqa: S608 - a constant
_NO_DUE: Final = date(9999, 12, 31)  # after every due, and it travels in a cursor


async def list_cases(unit: UnitOfWork, query: CaseQuery) -> CasePage:
    """One page of the caller's area.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area, today = narrowed(unit, query.region), unit.clock.today()
    due = func.coalesce(CASE.c.due_on, literal(_NO_DUE, CASE.c.due_on.type), type_=CASE.c.due_on.type)
    statement = select(CASE, due.label("due_key")).where(CASE.c.region.between(area.lo, area.hi))
    statement = _filtered(statement, query, today)
    if query.update_awaited is not None:
        awaited = CASE.c.id.in_(await awaited_in(unit, area))
        statement = statement.where(awaited if query.update_awaited else ~awaited)
    after = query.position(unit.vault.cursors, _OPERATION)
    if after is not None and len(after) != 2:
        raise InvalidInput(faults=[Fault("?cursor", "cursor", Message("分页位置无效。", "The cursor is not valid."))])
    statement = keyset(statement, [due, CASE.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [row.due_key.isoformat(), str(row.id)]
    )
    return CasePage(items=await show_cases(unit, kept), next_cursor=cursor)


def _filtered(statement: Select[Any], query: CaseQuery, today: date) -> Select[Any]:
    if query.state is not None:
        statement = statement.where(CASE.c.state == query.state.value)
    if query.household_id is not None:
        statement = statement.where(CASE.c.household_id == query.household_id)
    if query.holder is not None:
        statement = statement.where(_held_by(query.holder, today))
    if query.late is not None:
        late = CASE.c.due_on < today
        statement = statement.where(late if query.late else func.coalesce(late, false()).is_(False))
    if query.due_by is not None:
        statement = statement.where(CASE.c.due_on <= query.due_by)
    return statement


def _held_by(holder: Holder, today: date) -> Any:
    """Who holds a step today, as :func:`holder_on` says."""
    departments = CASE.c.holder == Holder.DEPARTMENT.value
    waits = (CASE.c.due_on >= today) & _IS_ASKED
    if holder is Holder.COUNTY:
        return (CASE.c.holder == holder.value) | (departments & not_(waits)) | (CASE.c.due_on.is_not(None) & _IS_LEFT)
    held = departments & waits if holder is Holder.DEPARTMENT else CASE.c.holder == holder.value
    return held & not_(_IS_LEFT)
