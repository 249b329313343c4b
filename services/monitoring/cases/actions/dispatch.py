"""Send a clue to its village: it begins a case, or joins the household's open one (domain B8, B11)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.calendar.queries import calendar_of
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.stepping import KIND, Taken, history, refuse, take, waits
from services.monitoring.cases.parameters import plan_in_force
from services.monitoring.cases.queries.rows import CASE, STEP, show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.rules.plan import Step, dues_of
from services.monitoring.cases.schemas.doing import ClueDispatch
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.clues.queries.listing import CLUE, LETTERS
from services.monitoring.clues.queries.one import clue_row
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.contract import ClueRaised
from services.monitoring.households.queries.one import household_row
from services.monitoring.parameters import book_of

_OPEN: Final = text(OPEN_SQL)


async def dispatch_clue(unit: UnitOfWork, clue_id: UUID, body: ClueDispatch, *, version: int) -> CaseRow:
    """The case that the clue is in now, in the village where its household is managed.

    :raises NotFound: if the clue is not in the caller's area.
    :raises VersionStale: if ``version`` is not the clue's present one.
    :raises StateRefused: if the clue is no longer open, or its household has ended.
    """
    clue = await clue_row(unit, clue_id, lock=True)
    require_version(version, clue.version)
    household = await household_row(unit, clue.household_id)
    faults: list[Fault] = []
    if clue.state != "open":
        faults.append(fault("clue_not_open"))
    if household.state != "active":
        faults.append(fault("household_ended"))
    refuse(faults)
    # The open case that stood in the way may have ended while this one waited for it.
    made = await _begin(unit, clue, body) or await _join(unit, clue, body) or await _begin(unit, clue, body)
    if made is None:
        raise Conflict
    await _bind(unit, clue, made.id)
    [case] = await show_cases(unit, [made])
    return case


async def _begin(unit: UnitOfWork, clue: Any, body: ClueDispatch) -> Any:
    """A new case, or None if the household has an open one: the table decides, whoever dispatches first."""
    today = unit.clock.today()
    # A clue of a first load of history has no clock; its case's begins when the county takes it up.
    day_0 = today if clue.due_at is None else clue.raised_on
    in_force = plan_in_force(await book_of(unit, clue.region), region=clue.region, on=today)
    dues = dues_of(in_force.plan, day_0, await calendar_of(unit.connection, clue.region))
    if clue.due_at is not None:
        dues[Step.DISPATCHED] = min(dues[Step.DISPATCHED], _day_of(unit, clue.due_at))
    values: dict[str, Any] = {
        "id": body.id or new_id(),
        "region": clue.region,
        "household_id": clue.household_id,
        "state": CaseState.DISPATCHED.value,
        "origin": "clue",
        "day_0": day_0,
        "previous_case_id": await _previous(unit, clue.household_id),
        "urgent": body.urgent,
        "plan": in_force.items,
        "plan_source": in_force.source,
        "dues": {step.value: due.isoformat() for step, due in dues.items()},
        **waits(in_force.plan, CaseState.DISPATCHED, dues),
        "step_count": 1,
        "risks": [],
        "shock_verified": False,
        "version": 1,
    }
    statement = upsert(CASE).values(values).on_conflict_do_nothing(index_elements=["household_id"], index_where=_OPEN)
    made = (await unit.connection.execute(statement.returning(CASE))).one_or_none()
    if made is not None:
        step = Taken(
            row=made,
            action=CaseAction.DISPATCH,
            on=today,
            target=CaseState.DISPATCHED,
            note=body.note,
            details={"clue": clue.id, "village": clue.region},
        )
        await unit.connection.execute(insert(STEP).values(history(unit, step, made, None)))
        unit.record("case.dispatch", Aggregate(KIND, made.id, made.region, made.version), fields=["state", "step"])
    return made


async def _join(unit: UnitOfWork, clue: Any, body: ClueDispatch) -> Any:
    """The open case with one more clue, or None if it has ended meanwhile."""
    statement = select(CASE).where(CASE.c.household_id == clue.household_id, _OPEN).with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        return None
    joined = Taken(
        row=row,
        action=CaseAction.JOIN,
        on=unit.clock.today(),
        note=body.note,
        details={"clue": clue.id},
        values={"urgent": row.urgent or body.urgent},
    )
    [case] = await take(unit, [joined])
    return case


async def _bind(unit: UnitOfWork, clue: Any, case_id: UUID) -> None:
    """The clue is judged: it is in the case from now on."""
    values = {"state": "in_case", "case_id": case_id, "judged_at": unit.clock.business_now()}
    changed = await unit.connection.execute(
        update(CLUE).where(CLUE.c.id == clue.id).values(**values, version=CLUE.c.version + 1).returning(CLUE)
    )
    row = changed.one()
    event = ClueRaised(
        clue=row.id, household=row.household_id, severity=LETTERS[row.severity], due=row.due_at, state=row.state
    )
    aggregate = Aggregate("clue", row.id, row.region, row.version)
    unit.record("clue.dispatch", aggregate, fields=["case_id", "judged_at", "state"], event=event)


async def _previous(unit: UnitOfWork, household_id: UUID) -> UUID | None:
    """The household's last case: nothing is reopened, a new one names it."""
    statement = select(CASE.c.id).where(CASE.c.household_id == household_id).order_by(CASE.c.id.desc()).limit(1)
    return (await unit.connection.execute(statement)).scalar_one_or_none()


def _day_of(unit: UnitOfWork, moment: Any) -> date:
    """The business day of an instant."""
    day: date = moment.astimezone(unit.clock.business_now().tzinfo).date()
    return day
