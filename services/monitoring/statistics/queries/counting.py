"""Count the households that were ever registered, as they were on a day and as known at an instant.

Figures come from versions and dated facts, each with when it was recorded, so the same question gives the same figures
for ever. While nothing was written since the instant asked about, the present rows are those versions, and the past
need not be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import TextClause, text

from chassis.database.pipeline import Statement
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.parameters.reader import REVISION
from chassis.security.scope import Area, Level, level_of
from services.monitoring.statistics.queries.sources import EACH_REGISTRATION, PRESENT, THEN, WITHIN
from services.monitoring.statistics.rules import Count, CountedBasis, Figure, Grouping

_NOT_YET = Message("只能统计今天或之前的情况。", "Ask for a day that has come.")
_NOT_KNOWN = Message("请填写现在或之前的时刻。", "Give the present instant or an earlier one.")
_VILLAGE = Message("村一级没有下级区划，请换一种分组。", "A village has no divisions; group by something else.")

# Rows are stamped after their transaction began. What began before the oldest writer still under way has ended, so all
# that was stamped before is there to be read, now and whenever it is asked again.
_SETTLED: Final = text(
    """
    SELECT least(clock_timestamp(), min(xact_start)) - interval '1 microsecond'
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    """
)
_AFRESH: Final = text("SELECT clock_timestamp() FROM pg_stat_clear_snapshot()")
_WAITS_MAX: Final = 100
_WAIT_SECONDS: Final = 0.02
# Remembered for the statement that follows in the same transaction, which sees all that was committed until then.
_SETTLED_HERE: Final = Statement(
    f"SELECT CAST(set_config('app.known_at', CAST(({_SETTLED.text}) AS text), true) AS timestamptz)"
)
_KEYS: Final[Mapping[Grouping | None, str]] = {
    None: "CAST(NULL AS text)",
    Grouping.TYPE: "monitoring_type",
    Grouping.REGION: "CAST(region / :part * :part AS text)",
}
# Every figure of a household: what it is on the day, by which it is counted once.
_JUDGED: Final = """
    SELECT *, CASE WHEN eliminated_on <= CAST(:on AS date) THEN 'eliminated'
                   WHEN state = 'active' AND ended_on IS NULL THEN 'active' ELSE 'ended' END AS figure
    FROM stood WHERE monitoring_type IS NOT NULL AND registered_on <= CAST(:on AS date)
"""
_COUNTED: Final = "count(*) AS households, CAST(coalesce(sum(member_count), 0) AS bigint) AS persons"
_BY_MONTH: Final = f"""
    SELECT to_char(registered_on, 'YYYY-MM') AS key, 'registered' AS figure, {_COUNTED} FROM judged GROUP BY 1
    UNION ALL
    SELECT to_char(eliminated_on, 'YYYY-MM'), 'eliminated', {_COUNTED} FROM judged
    WHERE eliminated_on <= CAST(:on AS date) GROUP BY 1
"""  # noqa: S608  # constants only
_BY_RISK: Final = f"""
    SELECT risk AS key, figure, {_COUNTED} FROM judged CROSS JOIN LATERAL unnest(risks) AS u(risk) GROUP BY 1, 2
"""  # noqa: S608  # constants only
# Facts alone tell it; beside a present row it is looked up, and only where it is asked for.
_BASIS_NOW: Final = """(
    SELECT fact.basis FROM monitoring_fact AS fact
    WHERE fact.household_id = judged.id AND fact.region = judged.region AND fact.known_since <= {0}
    ORDER BY fact.number DESC LIMIT 1
)"""
_APART: Final = {Grouping.MONTH: _BY_MONTH, Grouping.RISK: _BY_RISK}
_ASKED_AT: Final = "CAST(:known_at AS timestamptz)"
_JUST_NOW: Final = "CAST(current_setting('app.known_at') AS timestamptz)"


@dataclass(frozen=True, slots=True)
class Question:
    """Which figures: of ``area`` on a day, as known at an instant (now: None), told apart by something or not."""

    region: int
    on: date
    known_at: datetime | None = None
    by: Grouping | None = None

    @property
    def area(self) -> Area:
        return Area.of(self.region)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one group; ``key`` is None where nothing is told apart."""

    key: str | None
    figure: Figure
    count: Count


@dataclass(frozen=True, slots=True)
class Present:
    """Figures as known at an instant just now, and the revision of the parameters at it."""

    known_at: datetime
    cells: Sequence[Cell]
    revision: int


async def settle(unit: UnitOfWork, question: Question) -> datetime:
    """The instant as known at which ``question`` is answered: whatever is written later does not change the answer.

    :raises InvalidInput: for a day or an instant that has not come, or a village's divisions.
    """
    settled = await _settled(unit, question.known_at)
    faults = []
    if question.on > unit.clock.today():
        faults.append(Fault("on", "day_not_come", _NOT_YET))
    if question.known_at is not None and question.known_at > settled:
        faults.append(Fault("known_at", "instant_not_come", _NOT_KNOWN))
    if has_no_divisions(question):
        faults.append(Fault("by", "no_divisions_below", _VILLAGE))
    if faults:
        raise InvalidInput(faults=faults)
    return question.known_at or settled


async def _settled(unit: UnitOfWork, known_at: datetime | None) -> datetime:
    """Up to when all is known; an instant that somebody at work seems to hold open is waited for.

    Who had only read when ``known_at`` was handed out may write now, and looks as if having written before.
    """
    for _ in range(_WAITS_MAX):
        settled: datetime = (await unit.connection.execute(_SETTLED)).scalar_one()
        if known_at is None or known_at <= settled:
            return settled
        if known_at > (await unit.connection.execute(_AFRESH)).scalar_one():
            break
        await asyncio.sleep(_WAIT_SECONDS)
    return settled


async def count_cells(unit: UnitOfWork, question: Question, known_at: datetime) -> Sequence[Cell]:
    """The figures of ``question``, those of zero left out, in order of their keys."""
    bound = bounds_of(question, known_at)
    source = EACH_REGISTRATION if question.by is Grouping.MONTH else THEN
    return [_cell(row) for row in await unit.connection.execute(_statement(source, question.by), bound)]


async def count_present(unit: UnitOfWork, question: Question) -> Present | None:
    """The figures of this moment, in one round trip; None if the present rows do not answer ``question``.

    They do not while somebody writes who began before what was written since, nor of another day or instant, nor of
    months, of which an earlier registration may be.
    """
    is_today = _is_present(unit, question) and question.on <= unit.clock.today()
    if not is_today or question.by is Grouping.MONTH or has_no_divisions(question):
        return None
    statements = (REVISION, _SETTLED_HERE, _now(question.by, is_whole=question.area == unit.area))
    revision, settled, found = await unit.read_at_once(statements, bounds_of(question, None))
    if found[0].is_newer:
        return None
    return Present(settled[0][0], [_cell(row) for row in found if row.figure is not None], revision[0].revision)


def _cell(row: Any) -> Cell:
    return Cell(row.key, Figure(row.figure), Count(row.households, row.persons))


def bounds_of(question: Question, known_at: datetime | None) -> dict[str, Any]:
    """What the statements about ``question`` bind."""
    bound = {"lo": question.area.lo, "hi": question.area.hi, "on": question.on, "known_at": known_at}
    return bound | ({"part": part_below(question.region)} if question.by is Grouping.REGION else {})


def part_below(region: int) -> int:
    """How many codes each division directly below ``region`` spans."""
    below = {Level.PROVINCE: Level.CITY, Level.CITY: Level.COUNTY, Level.COUNTY: Level.TOWN, Level.TOWN: Level.VILLAGE}
    part: int = 10 ** (12 - below[level_of(region)])
    return part


async def source_of(unit: UnitOfWork, question: Question, bound: Mapping[str, Any], *, by_month: bool) -> str:
    """Where the versions that hold are read: the present rows, if those are all there is to it.

    :param by_month: asked about registrations of a month rather than about households.
    """
    if by_month:
        return EACH_REGISTRATION
    if not _is_present(unit, question):
        return THEN
    newer = await unit.connection.execute(text(f"SELECT {_newer(_ASKED_AT)}"), dict(bound))
    return THEN if newer.scalar_one() else PRESENT


def _newer(instant: str) -> str:
    """SQL: whether a household was written after ``instant``.

    With an end to the range: for one without, a plan for any instant expects every third row to be newer, and reads a
    county instead of the index that says there is none.
    """
    return f"""EXISTS (
        SELECT FROM household
        WHERE {WITHIN} recorded_at > (SELECT {instant}) AND recorded_at <= 'infinity'
    )"""  # an instant of ours, read once and not for each row of the last pages


def _is_present(unit: UnitOfWork, question: Question) -> bool:
    """Whether the present rows may answer: it is asked about now."""
    return question.known_at is None and question.on >= unit.clock.today()


def has_no_divisions(question: Question) -> bool:
    """Whether a village is to be told apart by the divisions below it, which it has none of."""
    return question.by is Grouping.REGION and level_of(question.region) is Level.VILLAGE


def judged_from(source: str) -> str:
    """The first part of a statement: ``judged`` has each household that was ever registered, with its figure."""
    return f"WITH {_judged(source)} "


def basis_in(source: str, instant: str = _ASKED_AT) -> str:
    """SQL: by what a household in ``judged``, which ``source`` was judged from, was registered as known at ``instant``.

    What another system registered without saying so was taken over.
    """
    told = _BASIS_NOW.format(instant) if source is PRESENT else "judged.basis"
    return f"coalesce({told}, '{CountedBasis.TAKEN_OVER}')"


def _judged(source: str) -> str:
    return f"stood AS ({source}), judged AS ({_JUDGED})"


def _statement(source: str, by: Grouping | None) -> TextClause:
    return text(f"{judged_from(source)} {_counted(by, basis_in(source))} ORDER BY 1, 2")


@cache
def _now(by: Grouping | None, *, is_whole: bool) -> Statement:
    """The figures of the present rows, unless ``is_newer``; one row at least.

    :param is_whole: the question is about the caller's whole area, which the policies bind already: said once more, the
        planner takes a county for a handful of rows.
    """
    sql = f"""
        WITH newer AS MATERIALIZED (
            SELECT {_newer(_JUST_NOW)} AS is_newer
        ), {_judged(PRESENT)}
        SELECT newer.is_newer, counted.*
        FROM newer LEFT JOIN ({_counted(by, basis_in(PRESENT, _JUST_NOW))}) AS counted ON NOT newer.is_newer
        ORDER BY key, figure
    """  # noqa: S608  # constants only
    return Statement.of(sql.replace(WITHIN, "") if is_whole else sql)


def _counted(by: Grouping | None, basis: str) -> str:
    counted = _APART.get(by) if by is not None else None
    key = basis if by is Grouping.BASIS else _KEYS.get(by)
    return counted or f"SELECT {key} AS key, figure, {_COUNTED} FROM judged GROUP BY 1, 2"  # noqa: S608
