"""Mark persons, check guardianship, name carers; what this makes due or missing is worked out in the same breath."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.attention.actions.findings import renew_carers
from services.monitoring.attention.actions.inadequate import renew_guardianship
from services.monitoring.attention.queries.listing import (
    ATTENTION,
    CARER,
    CHECK,
    in_area,
    show_attention,
    show_carer,
    show_check,
)
from services.monitoring.attention.schemas import (
    AttentionCreate,
    AttentionRead,
    CarerCreate,
    CarerRead,
    FactEnd,
    GuardianshipCreate,
    GuardianshipRead,
)
from services.monitoring.households.queries.one import person_row
from services.monitoring.visits.actions.refresh import refresh_dues

_GONE: Final = Message("此人已不在册，不能再登记。", "The person is no member any more; nothing can be added.")
_FUTURE: Final = Message("日期不能晚于今天。", "The day cannot lie ahead.")
_BEFORE: Final = Message("结束日期不能早于开始日期。", "The last day must not precede the first.")
_MARKED: Final = Message(
    "此人在该时期已有同类标识，请先结束原有的一条。", "The person bears this mark then; end it first."
)
_CARED: Final = Message("该类关爱人自更晚的日期起已有登记。", "A carer of this kind is named from a later day on.")
_OVER: Final = Message("已于更早的日期结束。", "It has ended on an earlier day.")


class AlreadyMarked(Conflict):
    code, status = "already_marked", 409
    title = _MARKED


async def mark_person(unit: UnitOfWork, person_id: UUID, body: AttentionCreate) -> AttentionRead:
    """Mark a person from a day on.

    :raises NotFound: if the person is not in the caller's area; StateRefused: if no member any more.
    :raises InvalidInput: for days out of order; AlreadyMarked: if the same mark holds on one of those days.
    """
    person = await _member(unit, person_id)
    if body.ends_on is not None and body.ends_on < body.starts_on:
        raise InvalidInput(faults=[Fault("/ends_on", "period_order", _BEFORE)])
    shared = select(ATTENTION.c.id).where(
        ATTENTION.c.person_id == person.id,
        ATTENTION.c.kind == body.kind.value,
        ATTENTION.c.state == "active",
        (ATTENTION.c.ends_on.is_(None)) | (ATTENTION.c.ends_on >= body.starts_on),
    )
    if body.ends_on is not None:
        shared = shared.where(ATTENTION.c.starts_on <= body.ends_on)
    if (await unit.connection.execute(shared)).first() is not None:
        raise AlreadyMarked(faults=[Fault("/starts_on", "already_marked", _MARKED)])
    row = await _insert(unit, ATTENTION, person, body, "attention.mark")
    await _worked_out(unit, row)
    return show_attention(row)


async def end_mark(unit: UnitOfWork, mark_id: UUID, body: FactEnd, *, version: int) -> AttentionRead:
    """Let a mark end on a day; errors as :func:`end_carer`."""
    row = await _end(unit, ATTENTION, mark_id, body, version, "attention.end")
    await _worked_out(unit, row)
    return show_attention(row)


async def check_guardianship(unit: UnitOfWork, person_id: UUID, body: GuardianshipCreate) -> GuardianshipRead:
    """Keep what a check of guardianship found; what is not enough is a finding until a later check finds it enough.

    :raises NotFound: if the person is not in the caller's area; InvalidInput: for a day that lies ahead.
    """
    person = await _member(unit, person_id)
    checked_on = body.checked_on or unit.clock.today()
    if checked_on > unit.clock.today():
        raise InvalidInput(faults=[Fault("/checked_on", "in_the_future", _FUTURE)])
    row = await _insert(unit, CHECK, person, body.model_copy(update={"checked_on": checked_on}), "guardianship.check")
    await renew_guardianship(unit, row.region, persons=[row.person_id])
    return show_check(row)


async def name_carer(unit: UnitOfWork, person_id: UUID, body: CarerCreate) -> CarerRead:
    """Name a child's carer; the one of that kind before ends on the eve.

    :raises NotFound: if the person is not in the caller's area; StateRefused: if one is named from a later day on.
    """
    person = await _member(unit, person_id)
    found = await unit.connection.execute(
        select(CARER)
        .where(CARER.c.person_id == person.id, CARER.c.kind == body.kind.value)
        .where((CARER.c.ends_on.is_(None)) | (CARER.c.ends_on >= body.starts_on))
        .with_for_update()
    )
    for former in found.all():
        if former.starts_on >= body.starts_on:
            raise StateRefused(faults=[Fault("/starts_on", "carer_named", _CARED)])
        await _change(unit, CARER, former, body.starts_on - timedelta(days=1), "carer.end", body.source)
    row = await _insert(unit, CARER, person, body, "carer.name")
    await renew_carers(unit, row.region, households=[row.household_id])
    return show_carer(row)


async def end_carer(unit: UnitOfWork, carer_id: UUID, body: FactEnd, *, version: int) -> CarerRead:
    """Let a carer's term end on a day.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it ended earlier; InvalidInput: for a day before its first.
    """
    row = await _end(unit, CARER, carer_id, body, version, "carer.end")
    await renew_carers(unit, row.region, households=[row.household_id])
    return show_carer(row)


async def _member(unit: UnitOfWork, person_id: UUID) -> Any:
    person = await person_row(unit, person_id, lock=True)
    if person.state != "active":
        raise StateRefused(faults=[Fault("", "not_a_member", _GONE)])
    return person


async def _worked_out(unit: UnitOfWork, row: Any) -> None:
    await renew_carers(unit, row.region, households=[row.household_id])
    await refresh_dues(unit, row.region, households=[row.household_id])


async def _insert(unit: UnitOfWork, table: Any, person: Any, body: Any, action: str) -> Any:
    values = body.model_dump(exclude={"id"}) | {
        "id": body.id or new_id(),
        "region": person.region,
        "household_id": person.household_id,
        "person_id": person.id,
        "recorded_by": unit.actor.subject,
    }
    row = (await unit.connection.execute(insert(table).values(values).returning(table))).one()
    fields = sorted(body.model_dump(exclude={"id"}, exclude_none=True))
    unit.record(action, Aggregate(table.name, row.id, row.region, row.version), fields=fields)
    return row


async def _end(unit: UnitOfWork, table: Any, fact: UUID, body: FactEnd, version: int, action: str) -> Any:
    found = await unit.connection.execute(
        select(table).where(table.c.id == fact, in_area(unit, table)).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    require_version(version, row.version)
    if row.ends_on is not None and row.ends_on < body.ends_on:
        raise StateRefused(faults=[Fault("", "over", _OVER)])
    if body.ends_on < row.starts_on:
        raise InvalidInput(faults=[Fault("/ends_on", "period_order", _BEFORE)])
    return await _change(unit, table, row, body.ends_on, action, body.reason)


async def _change(unit: UnitOfWork, table: Any, row: Any, ends_on: Any, action: str, reason: str) -> Any:
    values = {"ends_on": ends_on, "version": row.version + 1}
    if table is ATTENTION:
        values |= {"ended_by": unit.actor.subject, "ended_at": unit.clock.business_now(), "end_reason": reason}
    changed = await unit.connection.execute(update(table).where(table.c.id == row.id).values(values).returning(table))
    now = changed.one()
    told = Aggregate(table.name, now.id, now.region, now.version)
    unit.record(action, told, fields=("ends_on",), reason=reason)
    return now
