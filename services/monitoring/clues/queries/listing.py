"""The queue of clues that an officer works off, the earliest due first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, any_, exists, false, func, literal, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.http.choices import refuse_unlisted
from chassis.http.pagination import keyset, next_cursor
from chassis.security.scope import Role
from services.monitoring.clues.rules import SEVERITIES
from services.monitoring.clues.schemas import CluePage, ClueQuery, ClueRow
from services.monitoring.clues.tables import Clue, Hit
from services.monitoring.clues.visibility import datasets_of, may_know_health, tells_health
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.screening.queries.rules import rule_ids
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
    :raises InvalidInput: for a rule that the caller's area does not have.
    """
    area = narrowed(unit, query.region)
    no_due = literal(_NO_DUE, CLUE.c.due_at.type)
    is_clerk = unit.actor.role is Role.DEPARTMENT_CLERK
    # A clue's due may be another department's; so a clerk's list goes by the clue alone.
    due = (no_due if is_clerk else func.coalesce(CLUE.c.due_at, no_due)).label("due_key")
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
    shares = await own_shares(unit, [row.id for row in kept]) if is_clerk else {}
    return CluePage(items=[ClueRow(**shown(row, now, shares.get(row.id))) for row in kept], next_cursor=cursor)


def shown(row: Any, now: datetime, share: Any = None) -> dict[str, Any]:
    """The fields that every view of a clue has.

    :param share: what of it a department's clerk may know, see :func:`own_shares`.
    """
    known = {name: getattr(row, name) for name in ClueRow.model_fields if name not in ("is_overdue", "severity")}
    severity = row.severity
    if share is not None:
        severity = share.severity
        known |= {"due_at": share.due_at, "hit_count": share.hit_count}
    due_at = known["due_at"]
    is_overdue = row.state == "open" and due_at is not None and due_at < now
    return {**known, "severity": LETTERS[severity], "is_overdue": is_overdue}


async def own_shares(unit: UnitOfWork, clues: Sequence[UUID]) -> dict[UUID, Any]:
    """Severity, due and number of hits of these clues by what the clerk's department's rows raised (clause F1)."""
    counts = HIT.c.state != "withdrawn"
    statement = (
        select(
            HIT.c.clue_id,
            func.coalesce(func.max(HIT.c.severity).filter(counts), func.max(HIT.c.severity)).label("severity"),
            func.min(HIT.c.due_at).filter(counts).label("due_at"),
            func.count().filter(HIT.c.state == "standing").label("hit_count"),
        )
        .where(HIT.c.clue_id.in_(clues), raised_by(datasets_of(unit.actor.department)))
        .group_by(HIT.c.clue_id)
    )
    return {row.clue_id: row for row in await unit.connection.execute(statement)}


def raised_by(datasets: tuple[str, ...]) -> Any:
    """Whether a row of one of these contracts stands behind a hit."""
    return exists(select(RECORD.c.id).where(RECORD.c.id == any_(HIT.c.source_records), RECORD.c.dataset.in_(datasets)))


async def _filtered(unit: UnitOfWork, statement: Select[Any], query: ClueQuery) -> Select[Any]:
    of_clue = select(HIT.c.id).where(HIT.c.clue_id == CLUE.c.id)
    late = CLUE.c.due_at < unit.clock.business_now()
    severe = CLUE.c.severity == SEVERITIES[query.severity] if query.severity is not None else None
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        of_clue = of_clue.where(raised_by(datasets_of(unit.actor.department)))
        statement = statement.where(exists(of_clue))
        standing = of_clue.where(HIT.c.state == "standing")
        late = exists(standing.where(HIT.c.due_at < unit.clock.business_now()))
        if query.severity is not None:
            severe = exists(standing.where(HIT.c.severity == SEVERITIES[query.severity]))
    if severe is not None:
        statement = statement.where(severe)
    if query.overdue is not None:
        statement = statement.where(late if query.overdue else func.coalesce(late, false()).is_(False))
    if query.rule is not None:
        refuse_unlisted("rule", [query.rule], await rule_ids(unit, policies=False))
        if await _is_hidden(unit, query.rule):
            return statement.where(false())
        statement = statement.where(exists(of_clue.where(HIT.c.rule_id == query.rule, HIT.c.state == "standing")))
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
