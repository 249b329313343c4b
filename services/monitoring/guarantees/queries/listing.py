"""A household's guarantees on a day, and the checks behind them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.codes.monitoring import GuaranteeItem
from services.monitoring.guarantees.queries.proposals import proposals_of
from services.monitoring.guarantees.queries.standing import CHECK, check_of, in_area, latest_rows, shown
from services.monitoring.guarantees.rules.standing import latest
from services.monitoring.guarantees.schemas import (
    GuaranteeCheckPage,
    GuaranteeCheckQuery,
    GuaranteeCheckRead,
    GuaranteesQuery,
    GuaranteesRead,
)
from services.monitoring.households.queries.one import household_row

_LIST: Final = "guarantee_check_list"


async def read_guarantees(unit: UnitOfWork, household_id: UUID, query: GuaranteesQuery) -> GuaranteesRead:
    """What holds of the household's guarantees on a day, and what departments say of it already.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    on = query.on or unit.clock.today()
    found = await latest_rows(unit, [household_id], on=on)
    standing = latest(map(check_of, found), on=on)
    by_item = {GuaranteeItem(row.item): row for row in found}
    proposed = await proposals_of(unit, household_id, on=on)
    return GuaranteesRead(
        household_id=household_id,
        on=on,
        answers=[shown(unit, by_item[item]) for item in GuaranteeItem if item in by_item],
        failed=list(standing.failed),
        missing=list(standing.missing),
        proposals=[
            one
            for one in proposed
            if one.item not in standing.answers or standing.answers[one.item].checked_on < one.checked_on
        ],
    )


async def list_checks(unit: UnitOfWork, household_id: UUID, query: GuaranteeCheckQuery) -> GuaranteeCheckPage:
    """One page of the household's checks, by day.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    statement = select(CHECK).where(CHECK.c.household_id == household_id, in_area(unit), CHECK.c.state == query.state)
    operation = f"{_LIST}:{household_id}"
    after = query.position(unit.vault.cursors, operation)
    statement = keyset(statement, [CHECK.c.checked_on, CHECK.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, operation, lambda row: [str(row.checked_on), str(row.id)]
    )
    return GuaranteeCheckPage(items=[shown(unit, row) for row in kept], next_cursor=cursor)


async def check_row(unit: UnitOfWork, check_id: UUID, *, lock: bool = False) -> Any:
    """The row of a check in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(CHECK).where(CHECK.c.id == check_id, in_area(unit))
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def read_check(unit: UnitOfWork, check_id: UUID) -> GuaranteeCheckRead:
    """One check; errors as :func:`check_row`."""
    return shown(unit, await check_row(unit, check_id))
