"""Send a clue to its village: it begins a case, or joins the household's open one (clause B8, B11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.calendar.queries import calendar_of
from chassis.calendar.rules import Calendar
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.course import keep_courses
from services.monitoring.cases.actions.share import shares_of
from services.monitoring.cases.actions.stepping import KIND, history, refuse, take, waits
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.parameters import PlanInForce, plan_in_force
from services.monitoring.cases.queries.rows import CASE, STEP, cases_before, show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.rules.plan import Step, dues_of
from services.monitoring.cases.schemas.dispatching import ClueDispatch
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.clues.queries.listing import CLUE, LETTERS
from services.monitoring.clues.queries.one import clue_row
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.contract import ClueRaised
from services.monitoring.households.queries.one import household_row
from services.monitoring.parameters import book_of
from services.monitoring.screening.actions.request_run import county_of

_OPEN: Final = text(OPEN_SQL)
_BIND: Final = text(
    f"""
    UPDATE clue SET state = 'in_case', case_id = sent.case_id, judged_at = :now, version = clue.version + 1
    FROM unnest(CAST(:clues AS uuid[]), CAST(:cases AS uuid[])) AS sent(clue_id, case_id)
    WHERE clue.id = sent.clue_id RETURNING {", ".join(f"clue.{column.name}" for column in CLUE.columns)}
    """  # noqa: S608 - names come from the metadata
).columns(*CLUE.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A clue on its way to its village.

    :param clue: locked and open. ``case``: an id for the case, if it begins one.
    """

    clue: Any
    case: UUID | None = None
    urgent: bool = False
    note: str | None = None


async def dispatch_clue(unit: UnitOfWork, clue_id: UUID, body: ClueDispatch, *, version: int) -> CaseRow:
    """The case that the clue is in now, in the village where its household is managed.

    :raises NotFound: if the clue is not in the caller's area.
    :raises VersionStale: if ``version`` is not the clue's present one.
    :raises StateRefused: if the clue is no longer open, its household has ended, or its village has its share of the
        day and the case is not urgent.
    """
    clue = await clue_row(unit, clue_id)
    share = await shares_of(unit, {county_of(clue.region)})
    clue = await clue_row(unit, clue_id, lock=True)
    require_version(version, clue.version)
    household = await household_row(unit, clue.household_id)
    faults: list[Fault] = []
    if clue.state != "open":
        faults.append(fault("clue_not_open"))
    if household.state != "active":
        faults.append(fault("household_ended"))
    if not body.urgent and clue.household_id not in await with_a_case(unit, [clue]):
        faults.extend(share.faults(clue.region, unit.clock.today()))
    refuse(faults)
    [made] = await send(unit, [Sent(clue=clue, case=body.id, urgent=body.urgent, note=body.note)])
    [case] = await show_cases(unit, [made])
    return case


async def send(unit: UnitOfWork, sent: Sequence[Sent]) -> list[Any]:
    """The cases that the clues are in now, in their order; a few statements, whatever their number."""
    cases: dict[UUID, Any] = {}
    # The open case that stood in the way may have ended while this one waited for it.
    for way in (_begin, _join, _begin):
        left = [one for one in sent if one.clue.household_id not in cases]
        if left:
            cases |= await way(unit, left)
    if len(cases) < len(sent):
        raise Conflict
    await _bind(unit, {one.clue.id: cases[one.clue.household_id].id for one in sent})
    return [cases[one.clue.household_id] for one in sent]


async def with_a_case(unit: UnitOfWork, clues: Sequence[Any]) -> set[UUID]:
    """Households of these clues that have an open case: their clue joins it, and nobody is sent a new one."""
    statement = select(CASE.c.household_id).where(CASE.c.household_id.in_([clue.household_id for clue in clues]), _OPEN)
    return set((await unit.connection.execute(statement)).scalars())


async def _begin(unit: UnitOfWork, sent: Sequence[Sent]) -> dict[UUID, Any]:
    """New cases by household, without those that have an open one: the table decides, whoever dispatches first."""
    today = unit.clock.today()
    previous = await cases_before(unit, [one.clue.household_id for one in sent])
    ways: dict[int, tuple[PlanInForce, Calendar]] = {}
    values = []
    for one in sent:
        clue = one.clue
        if clue.region not in ways:
            book = await book_of(unit, clue.region)
            calendar = await calendar_of(unit.connection, clue.region)
            ways[clue.region] = plan_in_force(book, region=clue.region, on=today), calendar
        values.append(_case(unit, one, *ways[clue.region], previous.get(clue.household_id)))
    statement = upsert(CASE).values(values).on_conflict_do_nothing(index_elements=["household_id"], index_where=_OPEN)
    made = {row.household_id: row for row in await unit.connection.execute(statement.returning(CASE))}
    begun = [one for one in sent if one.clue.household_id in made]
    steps = []
    for one in begun:
        row, clue = made[one.clue.household_id], one.clue
        details = {"clue": clue.id, "village": clue.region}
        target = CaseState.DISPATCHED
        step = Taken(row=row, action=CaseAction.DISPATCH, on=today, target=target, note=one.note, details=details)
        steps.append(history(unit, step, row, None))
        unit.record("case.dispatch", Aggregate(KIND, row.id, row.region, row.version), fields=["state", "step"])
    if steps:
        await unit.connection.execute(insert(STEP), steps)
        await keep_courses(unit, [made[one.clue.household_id].id for one in begun])
    return made


def _case(
    unit: UnitOfWork, sent: Sent, in_force: PlanInForce, calendar: Calendar, previous: UUID | None
) -> dict[str, Any]:
    """The columns of a new case."""
    clue, today = sent.clue, unit.clock.today()
    # A clue of a first load of history has no clock; its case's begins when the county takes it up.
    day_0 = today if clue.due_at is None else clue.raised_on
    dues = dues_of(in_force.plan, day_0, calendar)
    if clue.due_at is not None:
        dues[Step.DISPATCHED] = min(dues[Step.DISPATCHED], _day_of(unit, clue.due_at))
    return {
        "id": sent.case or new_id(),
        "region": clue.region,
        "household_id": clue.household_id,
        "state": CaseState.DISPATCHED.value,
        "origin": "clue",
        "day_0": day_0,
        "previous_case_id": previous,
        "urgent": sent.urgent,
        "plan": in_force.items,
        "plan_source": in_force.source,
        "dues": {step.value: due.isoformat() for step, due in dues.items()},
        **waits(in_force.plan, CaseState.DISPATCHED, dues),
        "step_count": 1,
        "risks": [],
        "shock_verified": False,
        "version": 1,
    }


async def _join(unit: UnitOfWork, sent: Sequence[Sent]) -> dict[UUID, Any]:
    """The open cases with one more clue each, by household, without those that have ended meanwhile."""
    households = [one.clue.household_id for one in sent]
    statement = select(CASE).where(CASE.c.household_id.in_(households), _OPEN).order_by(CASE.c.id).with_for_update()
    found = {row.household_id: row for row in await unit.connection.execute(statement)}
    joined = [
        Taken(
            row=found[one.clue.household_id],
            action=CaseAction.JOIN,
            on=unit.clock.today(),
            note=one.note,
            details={"clue": one.clue.id},
            values={"urgent": found[one.clue.household_id].urgent or one.urgent},
        )
        for one in sent
        if one.clue.household_id in found
    ]
    return {row.household_id: row for row in await take(unit, joined)}


async def _bind(unit: UnitOfWork, cases: Mapping[UUID, UUID]) -> None:
    """The clues are judged: each is in its case from now on."""
    bound = {"clues": list(cases), "cases": list(cases.values()), "now": unit.clock.business_now()}
    for row in await unit.connection.execute(_BIND, bound):
        event = ClueRaised(
            clue=row.id, household=row.household_id, severity=LETTERS[row.severity], due=row.due_at, state=row.state
        )
        aggregate = Aggregate("clue", row.id, row.region, row.version)
        unit.record("clue.dispatch", aggregate, fields=["case_id", "judged_at", "state"], event=event)


def _day_of(unit: UnitOfWork, moment: Any) -> date:
    """The business day of an instant."""
    day: date = moment.astimezone(unit.clock.business_now().tzinfo).date()
    return day
