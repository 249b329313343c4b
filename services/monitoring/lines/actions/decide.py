"""Change monitoring lines by two persons: one proposes a row, another confirms it; nobody does both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, NotAllowed, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Level, level_of
from services.monitoring.lines.queries.rows import LINE, active_rows, is_near, shown
from services.monitoring.lines.schemas import BaseLineCreate, LineCreate, LineRead, LineWithdraw, Rule60Create

KIND: Final = "line_row"


class LineOverlaps(Conflict):
    code, status = "line_overlaps", 409
    title = Message(
        "该时期已有生效的同类数据，请调整起止日期或先撤回已有的一条。",
        "A row of this kind holds in that period; change the dates, or withdraw the other one first.",
    )


async def propose_line(unit: UnitOfWork, body: LineCreate) -> LineRead:
    """Write down a row that another person may confirm.

    :raises InvalidInput: with every fault: scope outside the area or of the wrong level, dates out of order, a figure
        of a year that is not over when it begins to hold.
    """
    faults = []
    if not unit.actor.area.contains(body.scope):
        faults.append(Fault("/scope", "outside_area", _MESSAGES["outside_area"]))
    if not isinstance(body, BaseLineCreate) and level_of(body.scope) is not Level.COUNTY:
        faults.append(Fault("/scope", "scope_not_a_county", _MESSAGES["scope_not_a_county"]))
    if isinstance(body, BaseLineCreate) and level_of(body.scope) > Level.COUNTY:
        faults.append(Fault("/scope", "scope_below_county", _MESSAGES["scope_below_county"]))
    if body.valid_to is not None and body.valid_to < body.valid_from:
        faults.append(Fault("/valid_to", "period_order", _MESSAGES["period_order"]))
    if body.kind == "county_income" and body.year >= body.valid_from.year:
        faults.append(Fault("/year", "year_not_over", _MESSAGES["year_not_over"]))
    if faults:
        raise InvalidInput(faults=faults)
    values: dict[str, Any] = {
        "id": body.id or new_id(),
        "scope": body.scope,
        "kind": body.kind,
        "valid_from": body.valid_from,
        "valid_to": body.valid_to,
        "source": body.source,
        "state": "proposed",
        "proposed_by": unit.actor.subject,
    }
    if isinstance(body, Rule60Create):
        values |= {"mode": body.mode.value, "percent": body.percent}
    else:
        values |= {"amount_fen": body.amount, "year": getattr(body, "year", None)}
    row = (await unit.connection.execute(insert(LINE).values(values).returning(LINE))).one()
    _record(unit, "line.propose", row, ("amount", "mode", "percent", "source", "valid_from", "valid_to", "year"))
    return shown(row)


async def confirm_line(unit: UnitOfWork, line_id: UUID, *, version: int) -> LineRead:
    """Let a proposed row hold. An open row ends the open one before it, on the eve of its first day.

    :raises StateRefused: if it is not proposed, or its proposer asks.
    :raises LineOverlaps: naming each row that holds on the same days.
    """
    row = await _own(unit, line_id, version)
    faults = []
    if row.state != "proposed":
        faults.append(Fault("", "not_proposed", _MESSAGES["not_proposed"]))
    if row.proposed_by == unit.actor.subject:
        faults.append(Fault("", "self_approval", _MESSAGES["self_approval"]))
    if faults:
        raise StateRefused(faults=faults)
    ends: list[Any] = []
    blocked: list[Any] = []
    for other in await active_rows(unit, row.scope, row.kind):
        if not _share_a_day(row, other):
            continue
        follows = row.valid_to is None and other.valid_to is None and other.valid_from < row.valid_from
        (ends if follows else blocked).append(other)
    if blocked:
        raise LineOverlaps(faults=[_overlap(other) for other in blocked])
    for former in ends:
        await _change(unit, former, "line.end", {"valid_to": row.valid_from - timedelta(days=1), "ended_by": row.id})
    return shown(await _change(unit, row, "line.confirm", {"state": "active", "confirmed_by": unit.actor.subject}))


async def withdraw_line(unit: UnitOfWork, line_id: UUID, body: LineWithdraw, *, version: int) -> LineRead:
    """Take a row back; the row that it had ended holds on in its place. Decisions keep the line that they used.

    :raises StateRefused: if it is withdrawn already, or the only other person in the matter asks for a row in force.
    """
    row = await _own(unit, line_id, version)
    faults = []
    if row.state == "withdrawn":
        faults.append(Fault("", "withdrawn", _MESSAGES["withdrawn"]))
    if row.state == "active" and row.confirmed_by == unit.actor.subject:
        faults.append(Fault("", "self_approval", _MESSAGES["self_withdrawal"]))
    if faults:
        raise StateRefused(faults=faults)
    changes = {"state": "withdrawn", "withdrawn_by": unit.actor.subject}
    gone = await _change(unit, row, "line.withdraw", changes, reason=body.reason)
    for former in await active_rows(unit, row.scope, row.kind):
        if former.ended_by == row.id:
            await _change(unit, former, "line.resume", {"valid_to": row.valid_to, "ended_by": row.ended_by})
    return shown(gone)


async def _own(unit: UnitOfWork, line_id: UUID, version: int) -> Any:
    row = (await unit.connection.execute(select(LINE).where(LINE.c.id == line_id).with_for_update())).one_or_none()
    if row is None or not is_near(unit, row.scope):
        raise NotFound
    if not unit.actor.area.contains(row.scope):
        raise NotAllowed(_MESSAGES["set_above"])
    require_version(version, row.version)
    return row


async def _change(
    unit: UnitOfWork, row: Any, action: str, changes: dict[str, Any], *, reason: str | None = None
) -> Any:
    statement = update(LINE).where(LINE.c.id == row.id).values(**changes, version=row.version + 1).returning(LINE)
    changed = (await unit.connection.execute(statement)).one()
    _record(unit, action, changed, tuple(changes), reason=reason)
    return changed


def _record(unit: UnitOfWork, action: str, row: Any, fields: tuple[str, ...], *, reason: str | None = None) -> None:
    unit.record(action, Aggregate(KIND, row.id, row.scope, row.version), fields=fields, reason=reason)


def _share_a_day(one: Any, other: Any) -> bool:
    return bool(one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max))


def _overlap(other: Any) -> Fault:
    start, end = other.valid_from, other.valid_to
    message = Message(
        f"已有数据的期间：{start} 至 {end or '今'}。", f"A row holds from {start} to {end or 'further notice'}."
    )
    return Fault("", "line_overlaps", message)


_MESSAGES: Final = {
    "outside_area": Message("请填写本辖区内的区划。", "Give a division within your area."),
    "scope_not_a_county": Message("此项数据按县设置，请填写县级区划。", "This is set by county; give a county's code."),
    "scope_below_county": Message("监测范围由县级以上设置。", "A base line is set for a county or above."),
    "period_order": Message("止日不能早于起日。", "The last day must not precede the first."),
    "year_not_over": Message(
        "须为启用日之前已结束年度的收入。", "Give the income of a year that is over on the first day."
    ),
    "not_proposed": Message("只有待确认的数据可以确认。", "Only a proposed row can be confirmed."),
    "self_approval": Message("请由另一人或上级确认。", "Have another person, or the level above, confirm it."),
    "self_withdrawal": Message("请由确认人以外的人撤回。", "Have somebody else than its confirmer withdraw it."),
    "withdrawn": Message("此条已撤回。", "This row is withdrawn already."),
    "set_above": Message("此数据由上级设定，请联系上级。", "A level above set this row; ask there."),
}
