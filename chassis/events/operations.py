"""Let an operator look at events that were put aside, and retry or drop them, each step audited.

The caller passes a unit of work of the operator, so that rows outside their area do not exist for them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.events import parking
from chassis.events.tables import inbox, parked
from chassis.records import Aggregate
from chassis.security.scope import Area

LIST_MAX: Final = 200
MASK: Final = "***"
REASON_SIGNS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event beside the stream.

    :param position: its place in its key's order; pages of :func:`list_parked` go by it.
    :param reason: names and codes of what went wrong, without values.
    :param data: masked (ids stay) unless it was unmasked for a purpose.
    """

    position: int
    consumer: str
    event_id: UUID
    type: str
    source: str
    subject: UUID
    aggregate_version: int
    region: int
    time: datetime
    traceparent: str | None
    state: str
    tries: int
    next_try_at: datetime
    parked_at: datetime
    reason: str
    awaits: UUID | None
    data: Any


async def list_parked(
    unit: UnitOfWork,
    *,
    consumer: str | None = None,
    states: Collection[str] | None = None,
    after: int = 0,
    limit: int = LIST_MAX,
) -> Sequence[ParkedEvent]:
    """Parked events of the operator's area in order, masked.

    :param after: the position of the last one of the page before.
    """
    query = select(parked).where(parked.c.position > after).order_by(parked.c.position).limit(min(limit, LIST_MAX))
    if consumer is not None:
        query = query.where(parked.c.consumer == consumer)
    if states is not None:
        query = query.where(parked.c.state.in_(list(states)))
    return [_shown(row) for row in await unit.connection.execute(query)]


async def read_parked(unit: UnitOfWork, consumer: str, event_id: UUID, *, unmask_for: str | None = None) -> ParkedEvent:
    """One parked event.

    :param unmask_for: the purpose of reading its values; it is audited, and so must be given to see them.
    :raises NotFound: if there is none in the operator's area.
    """
    row = await _find(unit, consumer, event_id)
    if unmask_for is None:
        return _shown(row)
    _record(unit, "event.unmask", row, _said(unmask_for))
    return _shown(row, masked=False)


async def retry_parked(unit: UnitOfWork, consumer: str, event_id: UUID) -> None:
    """Let the event be tried now, as often as a new one.

    :raises NotFound: if there is none in the operator's area.
    :raises StateRefused: if it stands behind an earlier event of its key.
    """
    row = await _find(unit, consumer, event_id, for_update=True)
    if row.state == "behind":
        raise StateRefused(
            Message(
                "它排在同一对象的更早事件之后，请先处理那一条。",
                "An earlier event of its key comes first; retry that one.",
            )
        )
    await unit.connection.execute(
        update(parked)
        .where(parked.c.consumer == consumer, parked.c.event_id == event_id)
        .values(state="failed", tries=0, next_try_at=func.clock_timestamp())
    )
    _record(unit, "event.retry", row, None)


async def drop_parked(unit: UnitOfWork, consumer: str, event_id: UUID, *, reason: str) -> None:
    """Give the event up for good: it counts as taken, and the next of its key is tried.

    :param reason: why, kept in the audit.
    :raises NotFound: if there is none in the operator's area.
    :raises InvalidInput: without a reason.
    """
    why = _said(reason)
    row = await _find(unit, consumer, event_id)
    # The next event of the key may lie in another area, if what it tells of has moved there.
    await unit.widen(Area.everywhere())
    await parking.lock_keys(unit.connection, consumer, [row.subject])
    row = await _find(unit, consumer, event_id, for_update=True)
    await unit.connection.execute(insert(inbox).values(consumer=consumer, event_id=event_id, type=row.type))
    await parking.release(unit.connection, consumer, event_id, row.subject)
    _record(unit, "event.drop", row, why)


async def _find(unit: UnitOfWork, consumer: str, event_id: UUID, *, for_update: bool = False) -> Any:
    query = select(parked).where(parked.c.consumer == consumer, parked.c.event_id == event_id)
    row = (await unit.connection.execute(query.with_for_update() if for_update else query)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _said(reason: str) -> str:
    if not reason.strip() or len(reason) > REASON_SIGNS_MAX:
        message = Message(
            f"请写明理由，最多 {REASON_SIGNS_MAX} 字。", f"Give a reason of 1 to {REASON_SIGNS_MAX} signs."
        )
        raise InvalidInput(faults=[Fault("/reason", "reason_missing", message)])
    return reason.strip()


def _record(unit: UnitOfWork, action: str, row: Any, reason: str | None) -> None:
    unit.record(action, Aggregate("parked_event", row.event_id, row.region, 0), reason=reason)


def _shown(row: Any, *, masked: bool = True) -> ParkedEvent:
    return ParkedEvent(**{**row._mapping, "data": mask(row.data) if masked else row.data})  # noqa: SLF001  # its public name


def mask(value: Any) -> Any:
    """Hide every value but ids: what an operator needs is which things an event is about, not what it says."""
    if isinstance(value, dict):
        return {name: mask(part) for name, part in value.items()}
    if isinstance(value, list):
        return [mask(part) for part in value]
    return value if value is None or _is_id(value) else MASK


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False
