"""Decide on a list of cases at the town, then at the county; nobody decides on their own work (clause B8, F1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.http.preconditions import require_version
from services.monitoring.cases.actions.publish import close_lists, hang_anew, take_down
from services.monitoring.cases.actions.stepping import NOT_PROPOSED, ids_of, locked, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.actions.tell import keep_notices, refusal_faults
from services.monitoring.cases.comparing import compare_anew
from services.monitoring.cases.parameters import CHECKLIST_COUNTY, CHECKLIST_TOWN
from services.monitoring.cases.queries.elimination import elimination_facts
from services.monitoring.cases.queries.in_range import living_homes, range_faults
from services.monitoring.cases.queries.publicity import hanging, publicity_faults
from services.monitoring.cases.queries.rows import case_row, plan_of, show_cases, workers_of
from services.monitoring.cases.rules.elimination import violations
from services.monitoring.cases.rules.guards import (
    OWN_WORK,
    checklist_faults,
    comparison_faults,
    fault,
    return_faults,
    self_approval,
)
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import (
    CaseList,
    CaseNote,
    CountyDecision,
    CountyDecisions,
    TownDecision,
    TownDecisions,
)
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction, CaseState, ReturnReason
from services.monitoring.lines.rules import LineMissing
from services.monitoring.parameters import book_of

_TOWNS: Final = OWN_WORK | {CaseAction.APPROVE_T, CaseAction.RETURN_T, CaseAction.ELIM_APPROVE_T}
_IN_AT_TOWN: Final = {True: CaseAction.APPROVE_T, False: CaseAction.RETURN_T}
_OUT_AT_TOWN: Final = {True: CaseAction.ELIM_APPROVE_T, False: CaseAction.ELIM_RETURN}
_SHOWN: Final = frozenset({CaseState.PUBLICITY.value, CaseState.ELIM_PUBLICITY.value})
_OUT_AT_COUNTY: Final = {
    "approved": CaseAction.ELIM_APPROVE_C,
    "returned": CaseAction.ELIM_RETURN,
    "refused": CaseAction.REJECT_C,  # an elimination is returned, never refused for good: the table says so
}
_COUNTY: Final = {
    "approved": CaseAction.APPROVE_C,
    "returned": CaseAction.RETURN_C,
    "refused": CaseAction.REJECT_C,
}


async def decide_at_town(unit: UnitOfWork, body: TownDecisions) -> CaseList:
    """The cases, approved by the town or returned to the state that it names.

    :raises NotFound: if one is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: with every guard that fails, for every case; then none is decided.
    """
    cases = await locked(unit, body.cases)
    workers = await workers_of(unit, ids_of(cases), OWN_WORK)
    faults: list[Fault] = []
    steps = []
    for place, (row, said) in enumerate(zip(cases, body.cases, strict=True)):
        pointer = f"/cases/{place}"
        eliminating = purpose_in(row.state) is Purpose.ELIMINATION
        action = (_OUT_AT_TOWN if eliminating else _IN_AT_TOWN)[said.approved]
        faults += step_faults(unit, row, action, pointer)
        faults += self_approval(workers[row.id], unit.actor.subject, pointer)
        faults += await _checklist(unit, row, CHECKLIST_TOWN, said, pointer) if said.approved else []
        if eliminating:
            faults += [] if said.approved else _reason_faults(said.reason, said.note, pointer)
            steps.append(_out(row, action, said, said.reason, unit.clock.today()))
        elif said.approved:
            faults += comparison_faults(plan_of(row), Step.TOWN_OK, compared_on=row.compared_on, pointer=pointer)
            steps.append(_approve(row, action, said, unit.clock.today()))
        else:
            faults += _return_faults(row, said.return_to, said.reason, said.note, pointer)
            steps.append(_return(row, action, said, said.reason, unit.clock.today()))
    passed = [step.row for step in steps if step.action is CaseAction.ELIM_APPROVE_T]
    decided = await _decide(unit, cases, [*faults, *(await _unshown(unit, passed, cases))], steps)
    return CaseList(items=await show_cases(unit, decided))


async def decide_at_county(unit: UnitOfWork, body: CountyDecisions) -> CaseList:
    """The cases, approved by the county, returned, or refused for good.

    :raises NotFound: if one is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: with every guard that fails, for every case; then none is decided.
    """
    cases = await locked(unit, body.cases)
    workers = await workers_of(unit, ids_of(cases), _TOWNS)
    today = unit.clock.today()
    leaving = [
        row
        for row, said in zip(cases, body.cases, strict=True)
        if said.outcome == "approved" and purpose_in(row.state) is Purpose.ELIMINATION
    ]
    # The guards hold on the day of the decision too, not only on that of the proposal.
    living = await living_homes(unit, [row.household_id for row in leaving])
    leaving = [row for row in leaving if row.household_id in living]
    facts = await elimination_facts(unit, leaving, on=today) if leaving else {}
    faults: list[Fault] = []
    steps = []
    entering = dict[str, Any]()
    for place, (row, said) in enumerate(zip(cases, body.cases, strict=True)):
        eliminating = purpose_in(row.state) is Purpose.ELIMINATION
        pointer, action = f"/cases/{place}", (_OUT_AT_COUNTY if eliminating else _COUNTY)[said.outcome]
        misplaced = step_faults(unit, row, action, pointer)
        faults += misplaced
        if action is CaseAction.APPROVE_C and not misplaced:
            entering[pointer] = row
        faults += self_approval(workers[row.id], unit.actor.subject, pointer)
        faults += await _checklist(unit, row, CHECKLIST_COUNTY, said, pointer) if said.outcome == "approved" else []
        if eliminating:
            if action is CaseAction.ELIM_RETURN:
                faults += _reason_faults(said.return_reason, said.note, pointer, "return_reason")
            elif action is CaseAction.ELIM_APPROVE_C:
                known = facts.get(row.id)
                faults += [fault("household_ended", pointer)] if known is None else violations(known, pointer)
            steps.append(_out(row, action, said, said.return_reason, today))
        elif action is CaseAction.APPROVE_C:
            faults += comparison_faults(plan_of(row), Step.COUNTY_OK, compared_on=row.compared_on, pointer=pointer)
            steps.append(_approve(row, action, said, today))
        elif action is CaseAction.RETURN_C:
            faults += _return_faults(row, said.return_to, said.return_reason, said.note, pointer, "return_reason")
            steps.append(_return(row, action, said, said.return_reason, today))
        else:
            faults += refusal_faults(said.refusal, said, said.note, today, pointer, "refusal")
            steps.append(_refuse(row, said, today))
    try:
        faults += await range_faults(unit, entering, on=today)
    except LineMissing:
        if not faults:
            raise
    decided = await _decide(unit, cases, faults, steps)
    told = zip(decided, body.cases, strict=True)
    await keep_notices(unit, [(row, said) for row, said in told if row.state == CaseState.REJECTED_C.value])
    return CaseList(items=await show_cases(unit, decided))


async def resume(unit: UnitOfWork, case_id: UUID, body: CaseNote, *, version: int) -> CaseRow:
    """The case, back in the state that its return named, to be done again from there.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it was not returned.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    refuse(step_faults(unit, row, CaseAction.RESUME))
    target = CaseState(row.returned_to)
    today = unit.clock.today()
    if target is not CaseState.PASSED:
        await take_down(unit, [row.id], counts=False)
        await close_lists(unit, [row.id])
    if target is CaseState.PUBLICITY:
        await hang_anew(unit, row)
    step = Taken(row=row, action=CaseAction.RESUME, on=today, target=target, note=body.note, values=_again(row, target))
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


def _again(row: Any, target: CaseState) -> Mapping[str, Any]:
    """What has to be done again is not done: a comparison that lies behind the state that was named."""
    line = plan_of(row).line
    redone = Step.COMPARED in line and target in (CaseState.DISPATCHED, CaseState.VERIFIED)
    return {"returned_to": None} | ({"compared_on": None} if redone else {})


async def _decide(unit: UnitOfWork, cases: Sequence[Any], faults: Sequence[Fault], steps: Sequence[Taken]) -> list[Any]:
    # What keeps a case in its publicity is named too, so that the reader learns from which day to come back.
    shown = {row.id: f"/cases/{place}" for place, row in enumerate(cases) if row.state in _SHOWN}
    refuse([*faults, *(await publicity_faults(unit, shown) if shown else ())])
    await _take_down_eliminations(unit, steps)
    return await take(unit, steps)


async def _checklist(
    unit: UnitOfWork, row: Any, key: str, said: TownDecision | CountyDecision, pointer: str
) -> list[Fault]:
    """What the area's list asks for; the book is read once for all of a county."""
    wanted = (await book_of(unit, row.region)).items(key, region=row.region, on=unit.clock.today())
    return checklist_faults(wanted, said.checked, pointer)


async def _unshown(unit: UnitOfWork, passed: Sequence[Any], cases: Sequence[Any]) -> list[Fault]:
    """Eliminations that do not hang: their list came down for an objection that waits."""
    there = await hanging(unit, ids_of(passed)) if passed else frozenset()
    wanted = {row.id for row in passed if row.state == CaseState.ELIM_PUBLICITY.value} - there
    return [fault("objection_open", f"/cases/{place}") for place, row in enumerate(cases) if row.id in wanted]


async def _take_down_eliminations(unit: UnitOfWork, steps: Sequence[Taken]) -> None:
    """An elimination that goes on has been shown; one that is returned is shown, and compared, anew when it is proposed
    again."""
    for action, counts in ((CaseAction.ELIM_APPROVE_T, True), (CaseAction.ELIM_RETURN, False)):
        ended = [step.row.id for step in steps if step.action is action]
        if ended:
            await take_down(unit, ended, counts=counts, purpose=Purpose.ELIMINATION)
            await close_lists(unit, ended)
    returned = [step.row.id for step in steps if step.action is CaseAction.ELIM_RETURN]
    if returned:
        await compare_anew(unit, returned)


def _return_faults(
    row: Any,
    named: CaseState | None,
    reason: ReturnReason | None,
    note: str | None,
    pointer: str,
    field: str = "reason",
) -> list[Fault]:
    faults = return_faults(plan_of(row), CaseState(row.state), named, pointer)
    return faults + _reason_faults(reason, note, pointer, field)


def _reason_faults(reason: ReturnReason | None, note: str | None, pointer: str, field: str = "reason") -> list[Fault]:
    """What is missing of why; ``field``: where the request says it."""
    faults = []
    if reason is None:
        faults.append(fault("reason_needed", f"{pointer}/{field}"))
    if reason is ReturnReason.OTHER and note is None:
        faults.append(fault("note_needed", f"{pointer}/note"))
    return faults


def _out(
    row: Any, action: CaseAction, said: TownDecision | CountyDecision, reason: ReturnReason | None, today: date
) -> Taken:
    """A step on the way out: on, or back to the measures."""
    if action is not CaseAction.ELIM_RETURN:
        return _approve(row, action, said, today)
    named = None if reason is None else reason.value
    return Taken(row=row, action=action, on=today, reason=named, note=said.note, values=NOT_PROPOSED)


def _approve(row: Any, action: CaseAction, said: TownDecision | CountyDecision, today: date) -> Taken:
    details = {"checked": "、".join(said.checked)} if said.checked else {}
    return Taken(row=row, action=action, on=today, note=said.note, details=details)


def _return(
    row: Any, action: CaseAction, said: TownDecision | CountyDecision, reason: ReturnReason | None, today: date
) -> Taken:
    named = said.return_to.value if said.return_to is not None else None
    return Taken(
        row=row,
        action=action,
        on=today,
        reason=None if reason is None else reason.value,
        note=said.note,
        details={"return_to": named},
        values={"returned_to": named},
    )


def _refuse(row: Any, said: CountyDecision, today: date) -> Taken:
    return Taken(
        row=row,
        action=CaseAction.REJECT_C,
        on=today,
        reason=None if said.refusal is None else said.refusal.value,
        note=said.note,
        details={"told_on": said.told_on},
        values={"ended_on": today},
    )
