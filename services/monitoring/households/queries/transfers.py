"""Find offers to move: the giving side by where the household lay, the receiving side by where it is to go."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.schemas.transfers import Direction, TransferPage, TransferQuery, TransferRead
from services.monitoring.households.tables import Transfer
from services.monitoring.households.versions import columns_of

_TRANSFER: Final = rows(Transfer)


async def list_transfers(unit: UnitOfWork, query: TransferQuery) -> TransferPage:
    """One page of the offers that the caller's area made, or of those made to it."""
    side = _TRANSFER.c.to_region if query.direction is Direction.INCOMING else _TRANSFER.c.from_region
    statement = select(_TRANSFER).where(
        side.between(unit.area.lo, unit.area.hi), _TRANSFER.c.state == query.state.value
    )
    after = query.position(unit.vault.cursors, "transfer_list")
    statement = keyset(statement, [_TRANSFER.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, "transfer_list", lambda row: [str(row.id)])
    return TransferPage(items=[show_transfer(row) for row in kept], next_cursor=cursor)


async def transfer_row(
    unit: UnitOfWork, transfer_id: UUID, *, direction: Direction | None = None, lock: bool = False
) -> Any:
    """The row of an offer that the caller's area made or was made, locked for a change if asked.

    :param direction: only if the caller's area is on that side.
    :raises NotFound: if there is none.
    """
    lo, hi = unit.area.lo, unit.area.hi
    incoming, outgoing = _TRANSFER.c.to_region.between(lo, hi), _TRANSFER.c.from_region.between(lo, hi)
    side = {Direction.INCOMING: incoming, Direction.OUTGOING: outgoing, None: or_(incoming, outgoing)}[direction]
    statement = select(_TRANSFER).where(_TRANSFER.c.id == transfer_id, side)
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_transfer(row: Any) -> TransferRead:
    known = columns_of(row)
    return TransferRead(**{name: known[name] for name in TransferRead.model_fields})
