"""Change a value of policy by two persons: one proposes or asks, another decides; nobody decides alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, text, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, NotAllowed, NotFound, StateRefused, id_taken
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.parameters.catalogue import Catalogue
from chassis.parameters.queries import active_rows, one_row
from chassis.parameters.rules import NATION, ParameterRow, ParameterState, scopes_of, succession
from chassis.parameters.schemas import ParameterCreate
from chassis.parameters.tables import parameter
from chassis.records import Aggregate
from chassis.security.scope import Actor

KIND: Final = "parameter"

# Taken first by everything that changes an active value: so such changes follow one another, and caches hear of it.
_NEXT_REVISION: Final = text(
    "INSERT INTO parameter_revision (id, revision) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET revision = parameter_revision.revision + 1"
)


async def tell_caches(unit: UnitOfWork) -> None:
    """Wait for whoever is changing an active value, and let every cache read again once this is committed."""
    await unit.connection.execute(_NEXT_REVISION)


class ParameterOverlaps(Conflict):
    code, status = "parameter_overlaps", 409
    title = Message(
        "该时期已有生效的值，请调整起止日期，或先撤回已有的值。",
        "A value already holds in that period; change the dates, or have the other value withdrawn first.",
    )


async def propose_parameter(unit: UnitOfWork, catalogue: Catalogue, body: ParameterCreate) -> ParameterRow:
    """Write down a value that another person may approve.

    :raises UnknownParameter: for a key that the service did not declare.
    :raises InvalidInput: for a value that its definition refuses, dates out of order, or a scope outside the area.
    """
    faults = []
    if not unit.actor.area.contains(body.scope):
        faults.append(
            Fault("/scope", "outside_area", Message("请填写本辖区内的区划。", "Give a division within your area."))
        )
    if body.effective_to is not None and body.effective_to < body.effective_from:
        faults.append(
            Fault(
                "/effective_to",
                "period_order",
                Message("止日不能早于起日。", "The last day must not precede the first."),
            )
        )
    definition = catalogue.definition(body.key)
    fault = definition.fault(body.value.value)
    if fault is None and body.value.type != definition.type:
        fault = Fault(
            "/value/type", "parameter_type", Message(f"类型应为 {definition.type}。", f"Send type {definition.type}.")
        )
    if fault is not None:
        faults.append(fault)
    if faults:
        raise InvalidInput(faults=faults)
    row = ParameterRow(
        id=body.id or new_id(),
        scope=body.scope,
        key=body.key,
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        value=body.value.value,
        unit=definition.unit,
        source=body.source,
        state=ParameterState.PROPOSED,
        proposed_by=unit.actor.subject,
        proposed_at=unit.clock.system_now(),
    )
    if await one_row(unit.connection, row.id) is not None:
        raise id_taken()
    await unit.connection.execute(insert(parameter).values(asdict(row)))
    _record(unit, "parameter.proposed", row, ("value", "effective_from", "effective_to", "source"))
    return row


async def approve_parameter(unit: UnitOfWork, catalogue: Catalogue, parameter_id: UUID, version: int) -> ParameterRow:
    """Let a proposed value hold. An open value ends the open one before it, the day before it starts.

    :raises StateRefused: if it is not proposed, or the approver is the proposer.
    :raises ParameterOverlaps: if another value holds in its period.
    """
    await tell_caches(unit)
    row = await _own_row(unit, parameter_id, version)
    faults = []
    if row.state is not ParameterState.PROPOSED:
        message = Message("只有待批准的值可以批准。", "Only a proposed value can be approved.")
        faults.append(Fault("", "not_proposed", message))
    if row.proposed_by == unit.actor.subject:
        message = Message("请由另一人或上级批准。", "Have another person, or the level above, approve it.")
        faults.append(Fault("", "self_approval", message))
    if faults:
        raise StateRefused(faults=faults)
    # A later release may have narrowed the definition since it was proposed.
    catalogue.check(row.key, row.value)
    now = unit.clock.system_now()
    place = succession(row, await active_rows(unit.connection, row.scope, row.key))
    if place.blocked_by:
        raise ParameterOverlaps(faults=[_blocked(other) for other in place.blocked_by])
    for former in place.ends:
        await _change(
            unit, former, "parameter.ended", {"effective_to": place.last_day, "ended_by": row.id, "ended_at": now}
        )
    return await _change(
        unit,
        row,
        "parameter.approved",
        {"state": ParameterState.ACTIVE, "approved_by": unit.actor.subject, "approved_at": now},
    )


async def withdraw_parameter(unit: UnitOfWork, parameter_id: UUID, version: int, *, reason: str) -> ParameterRow:
    """Take a value back. A proposed one goes at once; an active one when a second person asks for it too.

    The value before it, which it had ended, then holds on in its place.

    :raises StateRefused: if it is withdrawn already, or the same person asks twice.
    """
    await tell_caches(unit)
    row = await _own_row(unit, parameter_id, version)
    subject, now = unit.actor.subject, unit.clock.system_now()
    if row.state is ParameterState.WITHDRAWN:
        message = Message("此值已撤回。", "This value is withdrawn already.")
        raise StateRefused(faults=[Fault("", "withdrawn", message)])
    if row.state is ParameterState.ACTIVE and row.withdrawal_asked_by is None:
        return await _change(unit, row, "parameter.withdrawal_asked", {"withdrawal_asked_by": subject}, reason=reason)
    if row.withdrawal_asked_by == subject:
        message = Message("请由另一人确认撤回。", "Have another person confirm the withdrawal.")
        raise StateRefused(faults=[Fault("", "self_approval", message)])
    gone = await _change(
        unit,
        row,
        "parameter.withdrawn",
        {"state": ParameterState.WITHDRAWN, "withdrawn_by": subject, "withdrawn_at": now},
        reason=reason,
    )
    for former in await active_rows(unit.connection, row.scope, row.key):
        if former.ended_by == row.id:
            heir = {"effective_to": row.effective_to, "ended_by": row.ended_by, "ended_at": row.ended_at}
            await _change(unit, former, "parameter.resumed", heir)
    return gone


async def _own_row(unit: UnitOfWork, parameter_id: UUID, version: int) -> ParameterRow:
    row = await one_row(unit.connection, parameter_id, lock=True)
    if row is None or not _is_near(unit.actor, row.scope):
        raise NotFound
    if not unit.actor.area.contains(row.scope):
        raise NotAllowed(
            Message("此值由上级设定，请联系上级。", "A level above set this value; ask there.")
            if row.scope != NATION
            else Message(
                "全国的值随版本发布；请在本地区范围另行提出。",
                "The nation's values come with a release; propose one for your own area.",
            )
        )
    require_version(version, row.version)
    return row


def _is_near(actor: Actor, scope: int) -> bool:
    return actor.area.contains(scope) or scope in scopes_of(actor.assignment.region)


async def _change(
    unit: UnitOfWork, row: ParameterRow, action: str, changes: Mapping[str, Any], *, reason: str | None = None
) -> ParameterRow:
    changed: ParameterRow = replace(row, **changes, version=row.version + 1)
    await unit.connection.execute(
        update(parameter).where(parameter.c.id == row.id).values(**changes, version=changed.version)
    )
    _record(unit, action, changed, tuple(changes), reason=reason)
    return changed


def _record(
    unit: UnitOfWork, action: str, row: ParameterRow, fields: tuple[str, ...], *, reason: str | None = None
) -> None:
    unit.record(action, Aggregate(KIND, row.id, row.scope, row.version), fields=fields, reason=reason)


def _blocked(other: ParameterRow) -> Fault:
    start, end = other.effective_from, other.effective_to
    return Fault(
        "",
        "overlap",
        Message(
            f"已有值的期间：{start} 至 {_day(end, '今')}。",
            f"A value holds from {start} to {_day(end, 'further notice')}.",
        ),
    )


def _day(day: date | None, otherwise: str) -> str:
    return otherwise if day is None else day.isoformat()
