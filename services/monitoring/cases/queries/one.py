"""One case with its plan, its dues, and all that happened to it, as the caller may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.masking import mask_name
from services.monitoring.cases.queries.follow_up import follow_up_of
from services.monitoring.cases.queries.notices import notices_of
from services.monitoring.cases.queries.publicity import publicity_of
from services.monitoring.cases.queries.rows import (
    CASE,
    OBJECTION,
    STEP,
    VERIFICATION,
    VOTE,
    case_row,
    counting_of,
    dues_in,
    held_now,
    plan_of,
    shown,
)
from services.monitoring.cases.queries.signatures import signatures_of
from services.monitoring.cases.rules.clock import Alarm, timeliness
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose
from services.monitoring.cases.rules.transitions import STATE_OF
from services.monitoring.cases.schemas.reading import (
    CaseRead,
    CaseStepRead,
    ObjectionRead,
    PlannedStep,
    VerificationRead,
    VoteRead,
)
from services.monitoring.clues.queries.listing import CLUE
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES, shown_risks

_PLAIN: Final = (
    "plan_source",
    "returned_to",
    "compared_on",
    "basis",
    "helped_from",
    "eliminated_on",
    "elimination_mode",
    "elimination_comparison_days",
    "elimination_compared_on",
    "ended_on",
)


NAMES: Final = frozenset({"signed_by", "helper"})
"""Details of a step that name somebody."""


async def read_case(unit: UnitOfWork, case_id: UUID) -> CaseRead:
    """The case; words that may tell of an illness for case roles only.

    :raises NotFound: if there is none in the caller's area.
    """
    row = await case_row(unit, case_id)
    knows = unit.actor.role in KNOWS_HEALTH
    today, counted = unit.clock.today(), await counting_of(unit, row.region)
    steps = await _of_case(unit, STEP, case_id, STEP.c.number)
    plan = plan_of(row) if row.plan else None
    publicity = await publicity_of(unit, case_id)
    clues = select(CLUE.c.id).where(CLUE.c.case_id == case_id, CLUE.c.region.between(unit.area.lo, unit.area.hi))
    merged = select(CASE.c.id).where(CASE.c.merged_into == case_id, CASE.c.region.between(unit.area.lo, unit.area.hi))
    return CaseRead(
        **shown(row, today, counted, await held_now(unit, [row])),
        **{name: getattr(row, name) for name in _PLAIN},
        limit_days=None if plan is None else plan.limit_days,
        counted_in=None if plan is None else plan.count.value,
        plan=_planned(row, steps, None if publicity is None else publicity.over_on, today, counted.alarm),
        clues=list((await unit.connection.execute(clues.order_by(CLUE.c.id))).scalars()),
        merged_cases=list((await unit.connection.execute(merged.order_by(CASE.c.id))).scalars()),
        risks=shown_risks(unit, row.risks),
        risk_note=row.risk_note if knows else None,
        line=row.line_fen,
        help_person=_name(unit, row.help_person),
        verifications=[
            VerificationRead(
                **_columns(one, VerificationRead, unit)
                | {"summary": one.summary if knows else None, "helper": _name(unit, one.helper)}
            )
            for one in await _of_case(unit, VERIFICATION, case_id, VERIFICATION.c.id)
        ],
        votes=[
            VoteRead(
                **_columns(one, VoteRead, unit) | {"recused": len(one.recused), "needs": one.needs if knows else None}
            )
            for one in await _of_case(unit, VOTE, case_id, VOTE.c.meeting_id)
        ],
        publicity=publicity,
        elimination_publicity=await publicity_of(unit, case_id, Purpose.ELIMINATION),
        follow_up=await follow_up_of(unit, row),
        signatures=await signatures_of(unit, case_id),
        notices=await notices_of(unit, case_id),
        objections=[
            ObjectionRead(
                **_columns(one, ObjectionRead, unit)
                | {"words": one.words if knows else None, "finding": one.finding if knows else None}
            )
            for one in await _of_case(unit, OBJECTION, case_id, OBJECTION.c.id)
        ],
        history=[
            CaseStepRead(
                **_columns(one, CaseStepRead, unit)
                | {"note": one.note if knows else None, "details": _details(unit, one.details)}
            )
            for one in steps
        ],
    )


async def _of_case(unit: UnitOfWork, table: Any, case_id: UUID, order: Any) -> Sequence[Any]:
    statement = select(table).where(table.c.case_id == case_id, table.c.region.between(unit.area.lo, unit.area.hi))
    return (await unit.connection.execute(statement.order_by(order))).all()


def _name(unit: UnitOfWork, name: str | None) -> str | None:
    return name if name is None or unit.actor.role in KNOWS_NAMES else mask_name(name)


def _details(unit: UnitOfWork, details: Mapping[str, str]) -> dict[str, Any]:
    return {key: _name(unit, value) if key in NAMES else value for key, value in details.items()}


def _columns(row: Any, model: Any, unit: UnitOfWork) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in model.model_fields}
    return known | ({"risks": shown_risks(unit, row.risks)} if "risks" in known else {})


def _planned(row: Any, steps: Sequence[Any], shown_until: date | None, today: date, alarm: Alarm) -> list[PlannedStep]:
    """Each step with its due and when it was done last; done again after a return, it is not done until then."""
    if not row.plan:
        return []
    plan, dues = plan_of(row), dues_in(row)
    done, beside = _done(steps, plan.line), plan.beside()
    if Step.PUBLICITY in done:  # it was put up; it is done once its days are over
        over = shown_until is not None and shown_until < today and row.state != CaseState.OBJECTED.value
        done |= {Step.PUBLICITY: shown_until if over else None}
    done |= dict.fromkeys(beside, row.compared_on)
    return [
        PlannedStep(
            step=step,
            due_on=dues[step],
            beside=beside.get(step),
            done_on=done.get(step),
            timeliness=timeliness(dues[step], done.get(step) or today, alarm),
        )
        for step in (one.step for one in plan.steps)
    ]


def _done(steps: Sequence[Any], line: Sequence[Step]) -> dict[Step, date | None]:
    """When each step of the line was done last, and those undone by a return or an objection left out."""
    reached: dict[Step, date | None] = {}
    by_state = {STATE_OF[step]: step for step in line}
    for one in steps:
        step = by_state.get(CaseState(one.to_state))
        if step is None or one.from_state == one.to_state:
            continue
        for later in line[line.index(step) + 1 :]:
            reached.pop(later, None)
        if one.action != CaseAction.DISMISS_OBJECTION.value:
            reached[step] = one.on_day
    return reached
