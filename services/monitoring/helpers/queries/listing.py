"""List helpers, a helper's households and a household's helpers."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import PageQuery, keyset, next_cursor
from chassis.parameters.rules import scopes_of
from services.monitoring.helpers.schemas import HelperPage, HelperRead, PairingPage, PairingQuery, PairingRead
from services.monitoring.helpers.tables import Helper, Pairing
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.tables import Household

HELPER: Final = rows(Helper)
PAIRING: Final = rows(Pairing)
_HOUSEHOLD: Final = rows(Household)


async def list_helpers(unit: UnitOfWork, query: PageQuery) -> HelperPage:
    """One page of the helpers around and within the caller's area."""
    after = query.position(unit.vault.cursors, "helper_list")
    statement = keyset(select(HELPER).where(is_near(unit)), [HELPER.c.scope, HELPER.c.id], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, "helper_list", lambda row: [row.scope, str(row.id)])
    return HelperPage(items=[show_helper(row) for row in kept], next_cursor=cursor)


async def helper_row(unit: UnitOfWork, helper_id: UUID) -> Any:
    """The row of a helper around or within the caller's area.

    :raises NotFound: if there is none.
    """
    found = await unit.connection.execute(select(HELPER).where(HELPER.c.id == helper_id, is_near(unit)))
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return row


async def helped_by(unit: UnitOfWork, helper_id: UUID, query: PairingQuery) -> PairingPage:
    """One page of a helper's households in the caller's area.

    :raises NotFound: if there is no such helper.
    """
    await helper_row(unit, helper_id)
    return await _page(unit, PAIRING.c.helper_id == helper_id, query, f"helper_households:{helper_id}")


async def helpers_of(unit: UnitOfWork, household_id: UUID, query: PairingQuery) -> PairingPage:
    """One page of a household's helpers.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    return await _page(unit, PAIRING.c.household_id == household_id, query, f"household_helpers:{household_id}")


def pairings(unit: UnitOfWork) -> Select[Any]:
    """Pairings of the area's living households, with their helpers."""
    return (
        select(PAIRING, HELPER.c.name.label("helper_name"), HELPER.c.kind.label("helper_kind"), HELPER.c.unit_name)
        .join(HELPER, HELPER.c.id == PAIRING.c.helper_id)
        .join(_HOUSEHOLD, _HOUSEHOLD.c.id == PAIRING.c.household_id)
        .where(
            PAIRING.c.region.between(unit.area.lo, unit.area.hi),
            PAIRING.c.state == "active",
            _HOUSEHOLD.c.state == "active",
        )
    )


def holds_on(on: date) -> ColumnElement[bool]:
    """Whether a pairing holds on a day."""
    return and_(PAIRING.c.starts_on <= on, or_(PAIRING.c.ends_on.is_(None), PAIRING.c.ends_on >= on))


def is_near(unit: UnitOfWork) -> ColumnElement[bool]:
    """Helpers of the own area, and those whom a level above sent."""
    near = scopes_of(unit.actor.assignment.region)
    return or_(HELPER.c.scope.between(unit.area.lo, unit.area.hi), HELPER.c.scope.in_(near))


def show_helper(row: Any) -> HelperRead:
    return HelperRead(**{name: getattr(row, name) for name in HelperRead.model_fields})


def show_pairing(row: Any) -> PairingRead:
    return PairingRead(**{name: getattr(row, name) for name in PairingRead.model_fields})


async def _page(unit: UnitOfWork, which: ColumnElement[bool], query: PairingQuery, operation: str) -> PairingPage:
    statement = pairings(unit).where(which)
    if not query.all:
        statement = statement.where(holds_on(query.on or unit.clock.today()))
    keys = [PAIRING.c.household_id, PAIRING.c.starts_on, PAIRING.c.id]
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
    kept, cursor = next_cursor(
        found,
        query,
        unit.vault.cursors,
        operation,
        lambda row: [str(row.household_id), str(row.starts_on), str(row.id)],
    )
    return PairingPage(items=[show_pairing(row) for row in kept], next_cursor=cursor)
