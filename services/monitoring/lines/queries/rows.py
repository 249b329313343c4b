"""Read the rows that lines are made of, and the line that they make on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.security.scope import Area, Level, level_of
from services.monitoring.codes.monitoring import Rule60
from services.monitoring.lines.rules import BaseLine, CountyIncome, EffectiveLine, Rule60Setting, effective_line
from services.monitoring.lines.schemas import (
    EffectiveLineQuery,
    EffectiveLineRead,
    LinePage,
    LineQuery,
    LineRead,
    LineUsed,
)
from services.monitoring.lines.tables import LineRow
from services.monitoring.regions.rules import ancestors

LINE: Final = rows(LineRow)
OPERATION: Final = "line_list"
_NOT_A_COUNTY: Final = Message("请填写县级区划代码。", "Give the code of a county.")


async def list_lines(unit: UnitOfWork, query: LineQuery) -> LinePage:
    """One page of the rows around and within the caller's area.

    :raises NotFound: for a division that lies neither around nor within it.
    """
    statement = select(LINE).where(_near(unit) if query.scope is None else LINE.c.scope == _asked(unit, query.scope))
    if query.kind is not None:
        statement = statement.where(LINE.c.kind == query.kind)
    if query.state is not None:
        statement = statement.where(LINE.c.state == query.state)
    keys = [LINE.c.scope, LINE.c.kind, LINE.c.valid_from, LINE.c.id]
    after = query.position(unit.vault.cursors, OPERATION)
    found = (await unit.connection.execute(keyset(statement, keys, after, query.limit))).all()
    kept, cursor = next_cursor(
        found,
        query,
        unit.vault.cursors,
        OPERATION,
        lambda row: [row.scope, row.kind, str(row.valid_from), str(row.id)],
    )
    return LinePage(items=[shown(row) for row in kept], next_cursor=cursor)


async def read_effective_line(unit: UnitOfWork, query: EffectiveLineQuery) -> EffectiveLineRead:
    """The line of a county on a day, with the rows that it is made of.

    :raises InvalidInput: if the division is no county; NotFound: if it lies neither around nor within the area.
    :raises LineMissing: naming each row that has to be entered first.
    """
    county = query.region or county_of(unit.actor.assignment.region)
    if level_of(county) is not Level.COUNTY:
        raise InvalidInput(faults=[Fault("region", "region_not_a_county", _NOT_A_COUNTY)])
    return shown_line(await effective_line_of(unit.connection, _asked(unit, county), on=query.on or unit.clock.today()))


def shown_line(line: EffectiveLine) -> EffectiveLineRead:
    """A line as it is handed out, with the rows that it is made of."""
    return EffectiveLineRead(
        county=line.county,
        on=line.on,
        line=line.line_fen,
        basis=line.basis,
        base_line=line.base_fen,
        county_line=line.county_fen,
        rule_60=line.rule_60,
        used=[LineUsed(id=row, source=source) for row, source in zip(line.row_ids, line.sources, strict=True)],
    )


async def effective_line_of(connection: AsyncConnection, county: int, *, on: date) -> EffectiveLine:
    """The line in force in ``county`` on ``on``, for whoever decides.

    :raises LineMissing: naming each row that has to be entered first.
    """
    statement = select(LINE).where(LINE.c.scope.in_((county, *ancestors(county))), LINE.c.state == "active")
    found = (await connection.execute(statement)).all()
    return effective_line(
        county=county,
        on=on,
        base_lines=[_base_line(row) for row in found if row.kind == "base_line"],
        incomes=[_income(row) for row in found if row.kind == "county_income"],
        settings=[_setting(row) for row in found if row.kind == "rule_60"],
    )


async def active_rows(unit: UnitOfWork, scope: int, kind: str) -> Sequence[Any]:
    """The confirmed rows of one division and kind, locked, by first day."""
    statement = select(LINE).where(LINE.c.scope == scope, LINE.c.kind == kind, LINE.c.state == "active")
    return (await unit.connection.execute(statement.order_by(LINE.c.valid_from).with_for_update())).all()


def shown(row: Any) -> LineRead:
    """A stored row as it is handed out."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    plain = {name: known[name] for name in LineRead.model_fields if name in known}
    return LineRead(**plain, amount=row.amount_fen)


def is_near(unit: UnitOfWork, scope: int) -> bool:
    """Whether what holds in ``scope`` concerns the caller: it lies around or within the area."""
    return unit.area.contains(scope) or Area.of(scope).covers(unit.area)


def _asked(unit: UnitOfWork, scope: int) -> int:
    if not is_near(unit, scope):
        raise NotFound
    return scope


def _near(unit: UnitOfWork) -> ColumnElement[bool]:
    around = ancestors(unit.actor.assignment.region)
    return or_(LINE.c.scope.between(unit.area.lo, unit.area.hi), LINE.c.scope.in_(around))


def county_of(region: int) -> int:
    """The county that a division lies in."""
    unit: int = 10 ** (12 - Level.COUNTY)
    return region // unit * unit


def _base_line(row: Any) -> BaseLine:
    return BaseLine(row.id, row.scope, row.amount_fen, row.valid_from, row.valid_to, row.source)


def _income(row: Any) -> CountyIncome:
    return CountyIncome(row.id, row.scope, row.year, row.amount_fen, row.valid_from, row.valid_to, row.source)


def _setting(row: Any) -> Rule60Setting:
    return Rule60Setting(row.id, row.scope, Rule60(row.mode), row.percent, row.valid_from, row.valid_to, row.source)
