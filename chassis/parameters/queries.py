"""Read parameters out of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.http.pagination import keyset
from chassis.parameters.rules import ParameterRow, ParameterState, scopes_of
from chassis.parameters.schemas import ParameterHistoryQuery
from chassis.parameters.tables import parameter, parameter_revision
from chassis.security.scope import Area


def row_of(found: Row[Any]) -> ParameterRow:
    return ParameterRow(**{**found._asdict(), "state": ParameterState(found.state)})


async def current_revision(connection: AsyncConnection) -> int:
    """The number that rises with every change of an active value; 0 before the first."""
    return (await connection.execute(select(parameter_revision.c.revision))).scalar_one_or_none() or 0


async def rows_around(connection: AsyncConnection, region: int, *, within: bool) -> list[ParameterRow]:
    """Every row that is or was active in the scopes that ``region`` lies in.

    :param within: also those of the divisions inside it.
    """
    statement = select(parameter).where(_scope_is_near(region, within=within), parameter.c.approved_at.is_not(None))
    return [row_of(found) for found in await connection.execute(statement)]


async def one_row(connection: AsyncConnection, parameter_id: UUID, *, lock: bool = False) -> ParameterRow | None:
    """One row in any state; with ``lock`` nobody else can change it until the transaction ends."""
    statement = select(parameter).where(parameter.c.id == parameter_id)
    found = (await connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if found is None else row_of(found)


async def active_rows(connection: AsyncConnection, scope: int, key: str) -> list[ParameterRow]:
    """The active rows of one scope and key."""
    statement = select(parameter).where(
        parameter.c.scope == scope, parameter.c.key == key, parameter.c.state == ParameterState.ACTIVE
    )
    return [row_of(found) for found in await connection.execute(statement)]


async def rows_of_keys(connection: AsyncConnection, keys: Sequence[str]) -> list[ParameterRow]:
    """Every row of these keys, in whatever scope and state."""
    statement = select(parameter).where(parameter.c.key.in_(keys))
    return [row_of(found) for found in await connection.execute(statement)]


async def history(
    connection: AsyncConnection, query: ParameterHistoryQuery, region: int, after: Sequence[Any] | None
) -> list[ParameterRow]:
    """A page, and one row too many, of one key's rows around and within ``region``, by their first day."""
    statement: Select[Any] = select(parameter).where(parameter.c.key == query.key, _scope_is_near(region, within=True))
    if query.state is not None:
        statement = statement.where(parameter.c.state == query.state)
    statement = keyset(statement, [parameter.c.effective_from, parameter.c.id], after, query.limit)
    return [row_of(found) for found in await connection.execute(statement)]


def _scope_is_near(region: int, *, within: bool) -> ColumnElement[bool]:
    around = parameter.c.scope.in_(scopes_of(region))
    if not within:
        return around
    area = Area.of(region)
    return or_(around, parameter.c.scope.between(area.lo, area.hi))
