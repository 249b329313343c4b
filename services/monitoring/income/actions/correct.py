"""Correct or withdraw an income line; what it said before is kept with who changed it and why."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.income.actions.record import KIND, members_among
from services.monitoring.income.queries.lines import LINE, in_area, shown
from services.monitoring.income.schemas import IncomeLineCorrect, IncomeLineRead, IncomeLineWithdraw
from services.monitoring.income.tables import IncomeLineHistory

_HISTORY: Final = rows(IncomeLineHistory)
_WITHDRAWN: Final = Message("此行已撤销，请另录一行。", "This line is withdrawn; record another one.")
_FROM_EVENT: Final = Message(
    "此行来自其他业务系统，请在来源处更正。", "This line came from another service; correct it there."
)
_AFTER_TODAY: Final = Message("金额的日期不能晚于今天。", "An amount cannot be dated after today.")
_NOT_A_MEMBER: Final = Message("此人不是该户成员，请核对。", "This person is no member of the household; check the id.")


async def correct_line(unit: UnitOfWork, line_id: UUID, body: IncomeLineCorrect, *, version: int) -> IncomeLineRead:
    """Replace what a line says.

    :raises NotFound: if there is none in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is withdrawn, or came from another service.
    :raises InvalidInput: for a day after today, or somebody who is no member.
    """
    row = await _own(unit, line_id, version)
    said = body.model_dump(exclude_unset=True, exclude={"reason"})
    faults = []
    if body.on is not None and body.on > unit.clock.today():
        faults.append(Fault("/on", "line_after_today", _AFTER_TODAY))
    if body.person_id is not None and not await members_among(unit, row.household_id, {body.person_id}):
        faults.append(Fault("/person_id", "not_a_member", _NOT_A_MEMBER))
    if faults:
        raise InvalidInput(faults=faults)
    named = {"amount": "amount_fen", "on": "counts_on"}
    values = {named.get(name, name): value for name, value in said.items()}
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return shown(row)
    fields = sorted(name for name in said if named.get(name, name) in changed)
    return shown(await _replace(unit, row, changed, "income.correct", fields, body.reason))


async def withdraw_line(unit: UnitOfWork, line_id: UUID, body: IncomeLineWithdraw, *, version: int) -> IncomeLineRead:
    """Let a line no longer count; errors as :func:`correct_line`."""
    row = await _own(unit, line_id, version)
    return shown(await _replace(unit, row, {"state": "withdrawn"}, "income.withdraw", ["state"], body.reason))


async def _own(unit: UnitOfWork, line_id: UUID, version: int) -> Any:
    statement = select(LINE).where(LINE.c.id == line_id, in_area(unit)).with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    require_version(version, row.version)
    faults = []
    if row.state != "active":
        faults.append(Fault("", "line_withdrawn", _WITHDRAWN))
    if row.source_event_id is not None:
        faults.append(Fault("", "line_from_event", _FROM_EVENT))
    if faults:
        raise StateRefused(faults=faults)
    return row


async def _replace(
    unit: UnitOfWork, row: Any, changed: dict[str, Any], action: str, fields: list[str], reason: str
) -> Any:
    before = {"kind": row.kind, "amount_fen": row.amount_fen, "counts_on": row.counts_on.isoformat()}
    before |= {"source": row.source, "person_id": str(row.person_id) if row.person_id else None, "state": row.state}
    await unit.connection.execute(
        insert(_HISTORY).values(
            id=row.id,
            version=row.version,
            region=row.region,
            replaced_by=unit.actor.subject,
            reason=reason,
            document=before | {"recorded_by": row.recorded_by, "recorded_at": row.recorded_at.isoformat()},
        )
    )
    statement = (
        update(LINE)
        .where(LINE.c.id == row.id, LINE.c.version == row.version)
        .values(
            **changed,
            version=row.version + 1,
            recorded_by=unit.actor.subject,
            recorded_at=text("clock_timestamp()"),
        )
        .returning(LINE)
    )
    saved = (await unit.connection.execute(statement)).one()
    unit.record(action, Aggregate(KIND, saved.id, saved.region, saved.version), fields=fields, reason=reason)
    return saved
