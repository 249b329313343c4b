"""Read divisions as of a day. Reference data: everybody reads all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, any_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.security.scope import Level, level_of
from services.monitoring.codes.regions import SuccessionKind
from services.monitoring.regions.rules import Succession, ancestors
from services.monitoring.regions.schemas import RegionHistory, RegionPage, RegionQuery, RegionRead, SuccessionRead
from services.monitoring.regions.tables import SuccessionRow
from services.monitoring.regions.writing import DIVISION

_COUNTY: Final = 10 ** (12 - Level.COUNTY)
OPERATION: Final = "region_list"
SUCCESSION: Final = rows(SuccessionRow)
_COLUMNS: Final = [DIVISION.c[name] for name in RegionRead.model_fields]


async def list_regions(unit: UnitOfWork, query: RegionQuery) -> RegionPage:
    """One page of the divisions that hold on a day, by code."""
    statement = select(*_COLUMNS).where(*_holds_on(query.on or unit.clock.today()))
    if query.parent is not None:
        statement = statement.where(DIVISION.c.parent == query.parent)
    after = query.position(unit.vault.cursors, OPERATION)
    found = (await unit.connection.execute(keyset(statement, [DIVISION.c.code], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, OPERATION, lambda row: [row.code])
    return RegionPage(items=[_shown(row) for row in kept], next_cursor=cursor)


async def read_region(unit: UnitOfWork, code: int, on: date | None) -> RegionRead:
    """What ``code`` is called on a day.

    :raises NotFound: if no division bears the code on that day.
    """
    statement = select(*_COLUMNS).where(DIVISION.c.code == code, *_holds_on(on or unit.clock.today()))
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return _shown(row)


async def is_in_force(unit: UnitOfWork, code: int) -> bool:
    """Whether a division bears the code today."""
    statement = select(DIVISION.c.code).where(DIVISION.c.code == code, *_holds_on(unit.clock.today()))
    return (await unit.connection.execute(statement)).first() is not None


async def village_may_exist(unit: UnitOfWork, code: int) -> bool:
    """Whether a village bears the code today, as far as the divisions on record can tell."""
    return code not in await unknown_villages(unit, [code])


async def unknown_villages(unit: UnitOfWork, codes: Collection[int]) -> set[int]:
    """Which of these codes are of villages that do not hold today, as far as the divisions on record can tell.

    Where none of its county's villages was ever recorded, nothing can be told: divisions are loaded by the county
    itself, and a registry may be older than that. Of a code that names no village it says nothing.
    """
    return await _unknown(unit, codes, Level.VILLAGE, unit.clock.today())


async def place_may_exist(unit: UnitOfWork, code: int, on: date) -> bool:
    """Whether a town or village bears the code on that day; of what lies above nothing is told, as above."""
    level = level_of(code)
    return level not in {Level.TOWN, Level.VILLAGE} or not await _unknown(unit, [code], level, on)


async def _unknown(unit: UnitOfWork, codes: Collection[int], level: Level, on: date) -> set[int]:
    asked = {code for code in codes if level_of(code) is level}
    if not asked:
        return set()
    place = select(DIVISION.c.code).where(DIVISION.c.level == int(level))
    given = func.unnest(cast(sorted(asked), ARRAY(BigInteger))).column_valued("given")
    county = given - given % _COUNTY
    known = place.where(DIVISION.c.code == given, *_holds_on(on))
    any_of_county = place.where(DIVISION.c.code.between(county, county + _COUNTY - 1))
    statement = select(given).where(~known.exists(), any_of_county.exists())
    return set((await unit.connection.execute(statement)).scalars())


async def region_history(unit: UnitOfWork, code: int) -> RegionHistory:
    """Every row of ``code`` by day, and the successions that it took part in.

    :raises NotFound: for a code that was never recorded.
    """
    statement = select(*_COLUMNS).where(DIVISION.c.code == code).order_by(DIVISION.c.valid_from)
    items = (await unit.connection.execute(statement)).all()
    if not items:
        raise NotFound
    took_part = (
        select(SUCCESSION)
        .where(or_(SUCCESSION.c.predecessor == code, SUCCESSION.c.successor == code))
        .order_by(SUCCESSION.c.on_day, SUCCESSION.c.predecessor, SUCCESSION.c.successor)
    )
    successions = (await unit.connection.execute(took_part)).all()
    return RegionHistory(
        items=[_shown(row) for row in items],
        successions=[
            SuccessionRead(
                predecessor=row.predecessor, successor=row.successor, kind=row.kind, on=row.on_day, reason=row.reason
            )
            for row in successions
        ],
    )


async def recorded_successions(unit: UnitOfWork, codes: Iterable[int]) -> list[Succession]:
    """What was entered of these divisions and of those above them, of whatever day."""
    wanted = sorted({one for code in codes for one in (code, *ancestors(code))})
    return await successions_where(unit, SUCCESSION.c.predecessor == any_(cast(wanted, ARRAY(BigInteger))))


async def successions_where(unit: UnitOfWork, *conditions: ColumnElement[bool]) -> list[Succession]:
    """The successions on record that meet every condition."""
    return [
        Succession(row.predecessor, row.successor, SuccessionKind(row.kind), row.on_day)
        for row in await unit.connection.execute(select(SUCCESSION).where(*conditions))
    ]


def _holds_on(day: date) -> tuple[Any, Any]:
    return DIVISION.c.valid_from <= day, or_(DIVISION.c.valid_to.is_(None), DIVISION.c.valid_to >= day)


def _shown(row: Any) -> RegionRead:
    return RegionRead.model_validate(dict(row._mapping))  # noqa: SLF001  # a row's public view, despite the name
