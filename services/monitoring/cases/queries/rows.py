"""Find cases in the caller's area, and say of each what it waits for today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.security.scope import Level
from services.monitoring.cases.parameters import DEFAULT_PLAN, alarm_in_force
from services.monitoring.cases.rules.clock import Alarm, escalated_to, holder_on, timeliness
from services.monitoring.cases.rules.plan import Plan, Step, read_plan
from services.monitoring.cases.rules.states import ELIMINATING, FOLLOWED
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.tables import (
    CaseMeeting,
    CaseNotice,
    CaseObjection,
    CaseSignature,
    CaseStep,
    CaseVerification,
    CaseVote,
    MonitoringCase,
    PublicList,
    PublicListLine,
)
from services.monitoring.codes.cases import CaseAction, CaseState, Holder
from services.monitoring.households.tables import GONE_SQL
from services.monitoring.measures.thresholds import PLAN_DAYS as HELP_PLAN_DAYS
from services.monitoring.parameters import book_of

CASE: Final = rows(MonitoringCase)
STEP: Final = rows(CaseStep)
VERIFICATION: Final = rows(CaseVerification)
SIGNATURE: Final = rows(CaseSignature)
NOTICE: Final = rows(CaseNotice)
MEETING: Final = rows(CaseMeeting)
VOTE: Final = rows(CaseVote)
LIST: Final = rows(PublicList)
LINE: Final = rows(PublicListLine)
OBJECTION: Final = rows(CaseObjection)
IS_FOLLOWED: Final = CASE.c.state.in_([one.value for one in FOLLOWED])

# The one that it left last, should people have come to it from two.
_LEFT: Final = text(
    """
    SELECT DISTINCT ON (details ->> 'split_off') CAST(details ->> 'split_off' AS uuid) AS household_id, case_id
    FROM case_step WHERE action = 'change_household' AND details ->> 'split_off' = ANY(CAST(:households AS text[]))
    ORDER BY details ->> 'split_off', recorded_at DESC
    """
)
_ASKED: Final = text(
    "SELECT DISTINCT case_id FROM comparison_request WHERE state = 'open' AND case_id = ANY(CAST(:cases AS uuid[]))"
)
_LEFT_BY_ALL: Final = text(
    f"SELECT id FROM household WHERE id = ANY(CAST(:households AS uuid[])) AND {GONE_SQL}"  # noqa: S608 - a constant
)
_BEGINS_ANEW: Final = tuple(
    one.value for one in (CaseAction.UPHOLD, CaseAction.RETURN_T, CaseAction.RETURN_C, CaseAction.ELIM_PROPOSE)
)
_COMPUTED: Final = frozenset({"holder", "timeliness", "escalated_to", "help_plan_due_on", "help_plan_late"})


async def case_row(unit: UnitOfWork, case_id: UUID, *, lock: bool = False) -> Any:
    """The row of a case in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    return (await case_rows(unit, [case_id], lock=lock))[case_id]


async def case_rows(unit: UnitOfWork, cases: Iterable[UUID], *, lock: bool = False) -> dict[UUID, Any]:
    """The rows of cases in the caller's area, locked in the order of their ids if asked.

    :raises NotFound: if one of them is not there.
    """
    wanted = sorted(set(cases))
    statement = select(CASE).where(CASE.c.id.in_(wanted), CASE.c.region.between(unit.area.lo, unit.area.hi))
    if lock:
        statement = statement.order_by(CASE.c.id).with_for_update()
    found = {row.id: row for row in await unit.connection.execute(statement)}
    if len(found) < len(wanted):
        raise NotFound
    return found


async def previous_cases(unit: UnitOfWork, households: Sequence[UUID]) -> dict[UUID, UUID]:
    """Each household's last case: nothing is reopened, a new one names it.

    The last is the one that goes on, else the one that ended last: after a merger it need not be the youngest. One that
    ended since another goes on for its people comes after all others.
    """
    over_on = func.coalesce(CASE.c.ended_on, CASE.c.eliminated_on, text("DATE 'infinity'"))
    statement = (
        select(CASE.c.household_id, CASE.c.id)
        .ext(distinct_on(CASE.c.household_id))
        .where(CASE.c.household_id.in_(households))
        .order_by(CASE.c.household_id, CASE.c.merged_into.is_not(None), over_on.desc(), CASE.c.id.desc())
    )
    return {row.household_id: row.id for row in await unit.connection.execute(statement)}


async def cases_before(unit: UnitOfWork, households: Sequence[UUID]) -> dict[UUID, UUID]:
    """The case that a new one names as previous: the household's last, else that of the one which it split off from."""
    own = await previous_cases(unit, households)
    bound = {"households": [str(one) for one in households if one not in own]}
    if not bound["households"]:
        return own
    return {row.household_id: row.case_id for row in await unit.connection.execute(_LEFT, bound)} | own


def plan_of(row: Any) -> Plan:
    """The plan that a case is worked by; one that was taken over has none and goes on by the general table."""
    return _read(tuple(row.plan)) if row.plan else DEFAULT_PLAN


@lru_cache(maxsize=256)
def _read(items: tuple[str, ...]) -> Plan:
    return read_plan(items)


def dues_in(row: Any) -> dict[Step, date]:
    """Until which day each step of a case is in time; empty for one that was taken over."""
    return {Step(step): date.fromisoformat(day) for step, day in row.dues.items()}


async def workers_of(
    unit: UnitOfWork, cases: Sequence[UUID], actions: Iterable[CaseAction]
) -> Mapping[UUID, frozenset[str]]:
    """Who did one of ``actions`` for each case on the way that it is on now: in, or out."""
    on_the_way = STEP.c.to_state.in_([one.value for one in ELIMINATING])
    statement = (
        select(STEP.c.case_id, STEP.c.subject)
        .join(CASE, CASE.c.id == STEP.c.case_id)
        .where(
            STEP.c.case_id.in_(cases),
            STEP.c.action.in_([one.value for one in actions]),
            on_the_way == CASE.c.state.in_([one.value for one in ELIMINATING]),
        )
    )
    found: dict[UUID, set[str]] = {case: set() for case in cases}
    for row in await unit.connection.execute(statement):
        found[row.case_id].add(row.subject)
    return {case: frozenset(subjects) for case, subjects in found.items()}


async def begun_on(unit: UnitOfWork, row: Any) -> date:
    """From which day what is found at a household counts for the way that its case is on.

    That is its day 0; after a return or an upheld objection, and for an elimination, it is the day of that: what was
    seen before is what had to be looked at again.
    """
    statement = (
        select(STEP.c.on_day)
        .where(STEP.c.case_id == row.id, STEP.c.action.in_(_BEGINS_ANEW))
        .order_by(STEP.c.number.desc())
        .limit(1)
    )
    found: date | None = (await unit.connection.execute(statement)).scalar()
    return found or row.day_0


async def stand_since(unit: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, date]:
    """Since which day each of these cases has been where it stands, its comparison done where it had to be."""
    moved = STEP.c.from_state.is_distinct_from(STEP.c.to_state) | (STEP.c.action == CaseAction.COMPARE.value)
    statement = (
        select(STEP.c.case_id, STEP.c.on_day)
        .ext(distinct_on(STEP.c.case_id))
        .where(STEP.c.case_id.in_(cases), moved)
        .order_by(STEP.c.case_id, STEP.c.number.desc())
    )
    return {row.case_id: row.on_day for row in await unit.connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class Counting:
    """How an area counts: what near and late mean, and how many days the plan of help may take."""

    alarm: Alarm
    help_plan_days: int


async def counting_of(unit: UnitOfWork, region: int) -> Counting:
    """How ``region`` counts today."""
    book, today = await book_of(unit, region), unit.clock.today()
    return Counting(
        alarm_in_force(book, region=region, on=today), book.integer(HELP_PLAN_DAYS, region=region, on=today)
    )


async def show_cases(unit: UnitOfWork, found: Sequence[Any]) -> list[CaseRow]:
    """Cases as lists show them; near and late as their counties count."""
    counted: dict[int, Counting] = {}
    for region in {row.region for row in found if row.due_on is not None or _awaits_help(row)}:
        counted[region] = await counting_of(unit, region)
    today, held = unit.clock.today(), await held_now(unit, found)
    return [CaseRow(**shown(row, today, counted.get(row.region), held)) for row in found]


@dataclass(frozen=True, slots=True)
class Held:
    """What says who holds a step today besides the clock.

    :param asked: cases about which a department is still to answer.
    :param left: households of which nobody is here any more.
    """

    asked: frozenset[UUID]
    left: frozenset[UUID]


async def held_now(unit: UnitOfWork, found: Sequence[Any]) -> Held:
    """The same of these cases, of those that wait for anything."""
    waiting = [row for row in found if row.due_on is not None]
    asked = [row.id for row in waiting if row.holder == Holder.DEPARTMENT.value]
    return Held(
        await _ids(unit, _ASKED, cases=asked),
        await _ids(unit, _LEFT_BY_ALL, households=[row.household_id for row in waiting]),
    )


async def _ids(unit: UnitOfWork, statement: TextClause, **bound: list[UUID]) -> frozenset[UUID]:
    return (
        frozenset((await unit.connection.execute(statement, bound)).scalars()) if any(bound.values()) else frozenset()
    )


def shown(row: Any, today: date, counted: Counting | None, held: Held) -> dict[str, Any]:
    """The fields that every view of a case has."""
    known = {name: getattr(row, name) for name in CaseRow.model_fields if name not in _COMPUTED}
    planned = counted is not None and _awaits_help(row)
    plan_due = row.registered_on + timedelta(days=counted.help_plan_days) if planned and counted is not None else None
    known |= {"help_plan_due_on": plan_due, "help_plan_late": plan_due is not None and today > plan_due}
    if row.due_on is None or counted is None:
        return {**known, "holder": None, "timeliness": None, "escalated_to": None}
    level = escalated_to(row.due_on, today, counted.alarm)
    holder = holder_on(
        Holder(row.holder), row.due_on, today, is_asked=row.id in held.asked, is_left=row.household_id in held.left
    )
    return {
        **known,
        "holder": holder,
        "timeliness": timeliness(row.due_on, today, counted.alarm),
        "escalated_to": None if level is None else division_at(row.region, level),
    }


def _awaits_help(row: Any) -> bool:
    """Registered, and nobody named who helps: the plan of help is still to be made."""
    return CaseState(row.state) is CaseState.REGISTERED


def division_at(region: int, level: Level) -> int:
    """The division of ``level`` that a village lies in."""
    unit: int = 10 ** (12 - level)
    return region // unit * unit
