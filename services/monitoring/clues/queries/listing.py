"""The queue of clues that an officer works off, the earliest due first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, any_, exists, false, func, literal, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.http.pagination import keyset, next_cursor
from chassis.security.scope import Role
from services.monitoring.clues.rules import SEVERITIES
from services.monitoring.clues.schemas import CluePage, ClueQuery, ClueRow
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.clues.visibility import datasets_of, may_know_health, tells_health
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.screening.stored import RULE

CLUE: Final = rows(Clue)
HIT: Final = rows(Hit)
RECORD: Final = rows(DepartmentRecord)
LETTERS: Final = {number: letter for letter, number in SEVERITIES.items()}
_OPERATION: Final = "clue_list"
_NO_DUE: Final = datetime(9999, 12, 31, tzinfo=UTC)  # after every due, and it travels in a cursor


async def list_clues(unit: UnitOfWork, query: ClueQuery) -> CluePage:
    """One page of the caller's area; a department's clerk sees what the own department's rows raised.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = narrowed(unit, query.region)
    due = func.coalesce(CLUE.c.due_at, literal(_NO_DUE, CLUE.c.due_at.type)).label("due_key")
    due.type = CLUE.c.due_at.type
    statement = select(CLUE, due).where(CLUE.c.region.between(area.lo, area.hi), CLUE.c.state == query.state.value)
    statement = await _filtered(unit, statement, query)
    after = query.position(unit.vault.cursors, _OPERATION)
    statement = keyset(statement, [due.element, CLUE.c.id], _checked(after), query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [row.due_key.isoformat(), str(row.id)]
    )
    now = unit.clock.business_now()
    return CluePage(items=[ClueRow(**shown(row, now)) for row in kept], next_cursor=cursor)


def shown(row: Any, now: datetime) -> dict[str, Any]:
    """The fields that every view of a clue has."""
    known = {name: getattr(row, name) for name in ClueRow.model_fields if name not in ("is_overdue", "severity")}
    is_overdue = row.state == "open" and row.due_at is not None and row.due_at < now
    return {**known, "severity": LETTERS[row.severity], "is_overdue": is_overdue}


def raised_by(datasets: tuple[str, ...]) -> Any:
    """Whether a row of one of these contracts stands behind a hit."""
    return exists(select(RECORD.c.id).where(RECORD.c.id == any_(HIT.c.source_records), RECORD.c.dataset.in_(datasets)))


async def _filtered(unit: UnitOfWork, statement: Select[Any], query: ClueQuery) -> Select[Any]:
    if query.severity is not None:
        statement = statement.where(CLUE.c.severity == SEVERITIES[query.severity])
    if query.overdue is not None:
        now = unit.clock.business_now()
        late = CLUE.c.due_at < now
        statement = statement.where(late if query.overdue else or_(CLUE.c.due_at.is_(None), CLUE.c.due_at >= now))
    of_clue = select(HIT.c.id).where(HIT.c.clue_id == CLUE.c.id)
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        statement = statement.where(exists(of_clue.where(raised_by(datasets_of(unit.actor.department)))))
    if query.rule is not None:
        if await _is_hidden(unit, query.rule):
            return statement.where(false())
        of_rule = of_clue.where(HIT.c.rule_id == query.rule, HIT.c.state == "standing")
        if unit.actor.role is Role.DEPARTMENT_CLERK:
            of_rule = of_rule.where(raised_by(datasets_of(unit.actor.department)))
        statement = statement.where(exists(of_rule))
    return statement


async def _is_hidden(unit: UnitOfWork, rule_id: str) -> bool:
    """A filter must not tell what the clue itself hides."""
    if may_know_health(unit):
        return False
    found = await unit.connection.execute(select(RULE.c.datasets).where(RULE.c.rule_id == rule_id))
    return any(tells_health(datasets) for datasets in found.scalars())


def _checked(after: list[Any] | None) -> list[Any] | None:
    if after is not None and len(after) != 2:
        raise InvalidInput(faults=[Fault("?cursor", "cursor", Message("分页位置无效。", "The cursor is not valid."))])
    return after
