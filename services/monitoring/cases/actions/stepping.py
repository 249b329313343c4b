"""Take a step: the one place where a case changes its state, gets its next due, and its history grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import insert, text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message, StateRefused, VersionStale
from chassis.records import Aggregate
from services.monitoring.cases.actions.course import TOLD_BY, keep_courses
from services.monitoring.cases.actions.leaving import waits_to_leave
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import CASE, STEP, case_rows, dues_in, plan_of
from services.monitoring.cases.rules.clock import waiting_for
from services.monitoring.cases.rules.guards import fault, transition_faults
from services.monitoring.cases.rules.plan import Plan, Step
from services.monitoring.cases.rules.states import ENDED
from services.monitoring.clues.actions.silence import silence_with_cases
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.comparisons.actions.close import close_requests

KIND: Final = "case"
STALE: Final = Message("该个案已被他人修改，请刷新后重试。", "Somebody changed this case; read it again and retry.")
NOT_PROPOSED: Final = dict.fromkeys(
    ("elimination_mode", "elimination_reason", "elimination_comparison_days", "elimination_compared_on")
)
"""The columns of a case whose elimination is off, or was never proposed."""
_CHANGE: Final = text(
    f"""
    WITH fresh AS MATERIALIZED (
        SELECT * FROM jsonb_populate_recordset(CAST(NULL AS monitoring_case), CAST(:rows AS jsonb))
    )
    UPDATE monitoring_case AS changed
    SET {", ".join(f"{column.name} = fresh.{column.name}" for column in CASE.columns if column.name != "id")}
    FROM fresh WHERE changed.id = fresh.id AND fresh.version = changed.version + 1
    RETURNING {", ".join(f"changed.{column.name}" for column in CASE.columns)}
    """  # noqa: S608 - names come from the metadata
).columns(*CASE.columns)


async def locked(unit: UnitOfWork, refs: Sequence[Any], *, pointer: str = "/cases") -> list[Any]:
    """The cases of a list, in its order, locked, each in the version that was read.

    :param refs: with ``id`` and ``version``.
    :raises NotFound: if one is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: if one is named twice.
    """
    twice = [
        fault("named_twice", f"{pointer}/{place}")
        for place, ref in enumerate(refs)
        if any(other.id == ref.id for other in refs[:place])
    ]
    if twice:
        raise StateRefused(faults=twice)
    found = await case_rows(unit, [ref.id for ref in refs], lock=True)
    stale = [
        Fault(f"{pointer}/{place}/version", "version_stale", STALE)
        for place, ref in enumerate(refs)
        if found[ref.id].version != ref.version
    ]
    if stale:
        raise VersionStale(faults=stale)
    return [found[ref.id] for ref in refs]


def step_faults(unit: UnitOfWork, row: Any, action: CaseAction, pointer: str = "") -> list[Fault]:
    """Whether the table knows this step from where the case stands, for the caller's role."""
    return transition_faults(plan_of(row), CaseState(row.state), action, unit.actor.role, pointer)


def refuse(faults: Iterable[Fault]) -> None:
    """:raises StateRefused: if anything stands against it, with all of it."""
    found = list(faults)
    if found:
        raise StateRefused(faults=found)


def waits(plan: Plan, state: CaseState, dues: Mapping[Step, date], *, is_compared: bool = False) -> dict[str, Any]:
    """The columns that say what a case waits for in a state; all empty where no clock runs."""
    waiting = waiting_for(plan, state, dues, is_compared=is_compared) if dues else None
    if waiting is None:
        return {"step": None, "holder": None, "due_on": None}
    return {"step": waiting.step.value, "holder": waiting.holder.value, "due_on": waiting.due_on}


async def take(unit: UnitOfWork, steps: Sequence[Taken]) -> list[Any]:
    """The cases after one step each, in the order of ``steps``; their guards have been asked.

    :raises VersionStale: if a case is not as it was locked.
    """
    if not steps:
        return []
    leaving = await waits_to_leave(unit, steps)
    fresh = [_after(one, leaving.get(one.row.id)) for one in steps]
    parameter = {"rows": orjson.dumps(fresh).decode()}
    written = {row.id: row for row in await unit.connection.execute(_CHANGE, parameter)}
    if len(written) != len(steps):
        raise VersionStale
    await unit.connection.execute(
        insert(STEP), [history(unit, one, written[one.row.id], one.row.state) for one in steps]
    )
    further = [one.row.id for one in steps if one.action in TOLD_BY]
    if further:
        await keep_courses(unit, further)
    await _close(unit, [one for one in steps if _ends(one)])
    for one in steps:
        row = written[one.row.id]
        fields = sorted({"state", "step", *one.values} if row.state != one.row.state else {"step", *one.values})
        aggregate = Aggregate(KIND, row.id, row.region, row.version)
        unit.record(f"case.{one.action.value}", aggregate, fields=fields, event=one.event, reason=one.reason)
    return [written[one.row.id] for one in steps]


def history(unit: UnitOfWork, step: Taken, row: Any, from_state: str | None) -> dict[str, Any]:
    """The entry of the history for a step that led to ``row``."""
    return {
        "case_id": row.id,
        "number": row.step_count,
        "region": row.region,
        "action": step.action.value,
        "from_state": from_state,
        "to_state": row.state,
        "on_day": step.on,
        "subject": step.subject or unit.actor.subject,
        "role": unit.actor.role.value,
        "reason": step.reason,
        "note": step.note,
        "details": {name: str(value) for name, value in step.details.items()},
        "taken_at": unit.clock.business_now(),
    }


def _ends(step: Taken) -> bool:
    """Whether an open case ends by a step."""
    return step.reaches in ENDED and CaseState(step.row.state) not in ENDED


async def _close(unit: UnitOfWork, ends: Sequence[Taken]) -> None:
    """Nobody needs to answer any more for cases that have ended, and what stands behind them has been judged: a clue
    that is dismissed with its case says so itself, and a merger's survivor takes the clues along."""
    for state in sorted({one.reaches.value for one in ends}):
        await close_requests(unit, [one.row.id for one in ends if one.reaches.value == state], state)
    judged = [
        one.row.id
        for one in ends
        if one.reaches is not CaseState.NOT_CONFIRMED and one.values.get("merged_into") is None
    ]
    if judged:
        await silence_with_cases(unit, judged)


def _after(step: Taken, leaving: Mapping[str, Any] | None) -> dict[str, Any]:
    row, state = step.row, step.reaches
    is_compared = step.values.get("compared_on", row.compared_on) is not None
    return {
        **row._mapping,  # noqa: SLF001  # a row's public view of its columns, despite the name
        **(leaving or waits(plan_of(row), state, dues_in(row), is_compared=is_compared)),
        **step.values,
        "state": state.value,
        "step_count": row.step_count + 1,
        "version": row.version + 1,
    }


def ids_of(found: Iterable[Any]) -> list[UUID]:
    """The ids of rows."""
    return [row.id for row in found]
