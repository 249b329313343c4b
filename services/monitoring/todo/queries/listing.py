"""What waits for the caller, the earliest due first: one statement, whatever the number of sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.pipeline import Statement
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.http.pagination import next_cursor
from chassis.parameters.reader import REVISION, ParameterBook
from chassis.security.masking import mask_name
from chassis.security.scope import FIELD, Level, Role
from services.monitoring.cases.parameters import alarm_in_force
from services.monitoring.cases.queries.yearly_update import windows_bound
from services.monitoring.cases.rules.clock import Alarm, timeliness
from services.monitoring.codes.cases import Holder, Timeliness
from services.monitoring.codes.monitoring import HEALTH_RISKS
from services.monitoring.codes.relations import Relation
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES
from services.monitoring.measures.queries.missing import binds_of
from services.monitoring.parameters import book_kept, book_of
from services.monitoring.regions.tables import DivisionRow
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.todo.parameters import AHEAD_DAYS
from services.monitoring.todo.paths import path_of
from services.monitoring.todo.schemas import MORE, TodoCount, TodoCountQuery, TodoCounts, TodoPage, TodoQuery, TodoRead
from services.monitoring.todo.sources import SOURCES
from services.monitoring.todo.statement import counts_sql, page_sql, sees
from services.monitoring.visits.visibility import HEALTH_REASONS

_OPERATION: Final = "todo_list"
_NO_DUE: Final = date(9999, 12, 31)
_FIRST: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)
_DIVISION: Final = rows(DivisionRow)
_CURSOR: Final = Message("分页位置无效。", "The cursor is not valid.")
_LEVEL_OF: Final = {
    Role.TOWN_OFFICER: Level.TOWN,
    Role.COUNTY_OFFICER: Level.COUNTY,
    Role.CITY_OFFICER: Level.CITY,
    Role.PROVINCE_OFFICER: Level.PROVINCE,
}


async def list_todos(unit: UnitOfWork, query: TodoQuery) -> TodoPage:
    """One page of what waits for the caller.

    New to-dos that come while somebody pages are shown where they lie beyond the position, and none that was there is
    left out: the position is a key, and what is listed keeps its key until it is done or its due changes.
    """
    level, today = _level(unit), unit.clock.today()

    async def bound(books: Mapping[int, ParameterBook]) -> dict[str, Any]:
        binds = await _binds(unit, level, books, today, mine=query.mine)
        return binds | _position(query.position(unit.vault.cursors, _OPERATION), binds) | {"most": query.limit + 1}

    books, found = await _asked(unit, page_sql(level, mine=query.mine, one=_is_one(unit)), bound)
    alarms = _alarms(books, today)
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, _OPERATION, lambda row: [str(row.due_on), row.place, str(row.subject_id)]
    )
    return TodoPage(items=[_shown(unit, row, level, alarms, today) for row in kept], next_cursor=cursor)


async def count_todos(unit: UnitOfWork, query: TodoCountQuery) -> TodoCounts:
    """How many of each kind wait for the caller, no further than people count."""
    level, today = _level(unit), unit.clock.today()
    statement = counts_sql(level, mine=query.mine, one=_is_one(unit))
    _, found = await _asked(unit, statement, lambda books: _binds(unit, level, books, today, mine=query.mine))
    return TodoCounts(
        items=[TodoCount(kind=row.kind, count=min(row.waiting, MORE), has_more=row.waiting > MORE) for row in found]
    )


async def _asked(
    unit: UnitOfWork, statement: Statement, bound: Callable[[Mapping[int, ParameterBook]], Awaitable[dict[str, Any]]]
) -> tuple[Mapping[int, ParameterBook], Sequence[Any]]:
    """What the statement finds, under the parameters of the caller's counties, which are told along.

    With those that were read last it is one round trip, which also tells whether they hold still.
    """
    books = _books_kept(unit)
    if books is not None:
        revision, found = await unit.read_at_once((REVISION, statement), await bound(books))
        if all(book.revision == revision[0].revision for book in books.values()):
            return books, found
    await unit.begin()
    books = await _books(unit)
    [found] = await unit.read_at_once((statement,), await bound(books))
    return books, found


def _books_kept(unit: UnitOfWork) -> Mapping[int, ParameterBook] | None:
    """The book of the caller's county, as it was read last; None for a level with several counties."""
    if unit.actor.role in (Role.CITY_OFFICER, Role.PROVINCE_OFFICER):
        return None
    county = county_of(unit.actor.assignment.region)
    book = book_kept(unit, county)
    return None if book is None else {county: book}


def _is_one(unit: UnitOfWork) -> bool:
    """Whether the caller's area is one village; a cadre's post may be for more."""
    return unit.area.lo == unit.area.hi


def _level(unit: UnitOfWork) -> str:
    """Whose work the caller sees as own, in the words of the statement."""
    role = unit.actor.role
    if role is Role.DEPARTMENT_CLERK:
        return Holder.DEPARTMENT.value
    return Holder.VILLAGE.value if role in FIELD else _LEVEL_OF[role].name.lower()


async def _books(unit: UnitOfWork) -> Mapping[int, ParameterBook]:
    """The parameters of each county of the caller's area, looked up once."""
    region = unit.actor.assignment.region
    counties: Sequence[int] = [county_of(region)]
    if unit.actor.role in (Role.CITY_OFFICER, Role.PROVINCE_OFFICER):
        found = select(_DIVISION.c.code).where(
            _DIVISION.c.code.between(unit.area.lo, unit.area.hi), _DIVISION.c.level == int(Level.COUNTY)
        )
        counties = (await unit.connection.execute(found.distinct())).scalars().all()
    return {one: await book_of(unit, one) for one in counties}


def _alarms(books: Mapping[int, ParameterBook], today: date) -> Mapping[int, Alarm]:
    """What near and late mean in each county."""
    return {one: alarm_in_force(book, region=one, on=today) for one, book in books.items()}


async def _binds(
    unit: UnitOfWork, level: str, books: Mapping[int, ParameterBook], today: date, *, mine: bool
) -> dict[str, Any]:
    """Everything that the statement asks for besides the position."""
    region = unit.actor.assignment.region
    alarms = _alarms(books, today)
    book = books.get(county_of(region)) or await book_of(unit, region)  # a level with several counties: it has begun
    number = partial(book.integer, region=region, on=today)
    ahead = timedelta(days=number(AHEAD_DAYS))
    binds: dict[str, Any] = {"lo": unit.area.lo, "hi": unit.area.hi, "level": level, "today": today}
    binds |= {"subject": unit.actor.subject, "department": unit.actor.department, "head": Relation.HEAD.value}
    binds |= {"until": today + ahead, "past": today - ahead}
    binds |= {"knows_health": unit.actor.role in KNOWS_HEALTH, "health_reasons": list(HEALTH_REASONS)}
    binds["hidden_risks"] = [] if unit.actor.role in KNOWS_HEALTH else [risk.value for risk in HEALTH_RISKS]
    if mine:
        binds["subjects"] = list(unit.actor.works_for)
    if level != Holder.DEPARTMENT.value:
        binds |= await binds_of(unit, unit.area, today, None, books=books) | windows_bound(books, today)
    for place, source in enumerate(SOURCES):
        if sees(level, source):
            days = 0 if source.days is None else number(source.days)
            late = _late(level, alarms, today, days)
            binds |= {f"days_{place}": days, f"late_{place}": max(late.values(), default=date.min)}
            binds[f"by_county_{place}"] = orjson.dumps({str(one // 10**6): day for one, day in late.items()}).decode()
    return binds


def _late(level: str, alarms: Mapping[int, Alarm], today: date, days: int) -> dict[int, date]:
    """By county, the last key that a level is told of: due so many days ago as the area's escalation says."""
    if level not in {one.name.lower() for one in _LEVEL_OF.values()}:
        return {}
    told = {county: alarm.escalates.get(Level[level.upper()]) for county, alarm in alarms.items()}
    return {county: today - timedelta(days=late + days) for county, late in told.items() if late is not None}


def _position(after: Sequence[Any] | None, binds: Mapping[str, Any]) -> dict[str, Any]:
    """Where each source goes on: what a source orders by is its due less the days that it adds."""
    if after is None:
        due_on, at, subject = date.min, -1, _LAST
    elif len(after) != 3:
        raise InvalidInput(faults=[Fault("?cursor", "cursor", _CURSOR)])
    else:
        due_on, at, subject = date.fromisoformat(after[0]), int(after[1]), UUID(after[2])
    found: dict[str, Any] = {}
    for place in range(len(SOURCES)):
        if f"days_{place}" in binds:
            days = min(binds[f"days_{place}"], (due_on - date.min).days)
            found[f"after_{place}"] = due_on - timedelta(days=days)
            found[f"after_id_{place}"] = subject if place == at else (_LAST if place < at else _FIRST)
    return found


def _shown(unit: UnitOfWork, row: Any, level: str, alarms: Mapping[int, Alarm], today: date) -> TodoRead:
    has_clock = row.due_on != _NO_DUE
    alarm = alarms.get(county_of(row.region)) or next(iter(alarms.values()))
    name = row.head_name
    if name is not None and unit.actor.role not in KNOWS_NAMES:
        name = mask_name(name)
    return TodoRead(
        kind=row.kind,
        subject_id=row.subject_id,
        household_id=row.household_id,
        head_name=name,
        region=row.region,
        holder=row.holder,
        due_on=row.due_on if has_clock else None,
        timeliness=timeliness(row.due_on, today, alarm) if has_clock else Timeliness.ON_TIME,
        is_escalated=row.holder != level,
        since=row.waits_since,
        path=path_of(row.kind, row.subject_id, row.household_id),
    )
