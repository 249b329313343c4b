"""Where the case asks about the family's economy: which answers and which signed papers are still awaited.

Comparisons and consents are nouns of their own; this file is the one place where the case knows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, Message
from services.monitoring.cases.parameters import ELIMINATION_COMPARISON_DAYS
from services.monitoring.cases.queries.rows import dues_in, plan_of
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.clues.rules import end_of_day
from services.monitoring.codes.cases import CaseAction
from services.monitoring.codes.evidence import ConsentKind, ConsentPurpose
from services.monitoring.comparisons.actions.close import close_requests
from services.monitoring.comparisons.actions.open import open_requests
from services.monitoring.comparisons.queries.requests import outstanding, requests_of
from services.monitoring.consents.queries.standing import CONSENT, counts_on, in_area
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.parameters import book_of

_NOT_SIGNED: Final = {
    ConsentKind.COMMITMENT: Message("请先由农户签署承诺书。", "Have the household sign its commitment first."),
    ConsentKind.AUTHORISATION: Message(
        "请先由农户签署核查授权书（用途：家庭经济状况核对）。",
        "Have the household sign the inquiry authorisation for `economy_check` first.",
    ),
}
_NOT_ASKED: Final = Message(
    "尚未向部门发起比对。", "The departments have not been asked yet; open the comparison first."
)


async def open_comparison(unit: UnitOfWork, cases: Sequence[Any]) -> None:
    """Ask the departments about the households of cases that are compared by their plan, until that step's due;
    on the way out, for as many days as the area gives.

    Where the due has passed already, they still have until the end of today.
    """
    now = unit.clock.business_now()
    for row in cases:
        if purpose_in(row.state) is Purpose.ELIMINATION:
            due_on = now.date() + timedelta(days=await comparison_days(unit, row))
        elif plan_of(row).has(Step.COMPARED):
            due_on = max(dues_in(row)[Step.COMPARED], now.date())
        else:
            continue
        due_at = end_of_day(datetime.combine(due_on, time(), now.tzinfo))
        await open_requests(unit, case_id=row.id, household_id=row.household_id, due_at=due_at)


async def comparison_days(unit: UnitOfWork, case: Any) -> int:
    """How long departments have for the comparison before this elimination; 0: they are not asked again.

    The days with which the elimination was proposed hold until it is over, whatever the area decides meanwhile: else a
    case that asked nobody would wait for answers, and one that did would go on without them.
    """
    proposed_with: int | None = case.elimination_comparison_days
    return await comparison_days_in_force(unit, case.region) if proposed_with is None else proposed_with


async def comparison_days_in_force(unit: UnitOfWork, region: int) -> int:
    """The area's own days, for an elimination that is proposed today."""
    book = await book_of(unit, region)
    return book.integer(ELIMINATION_COMPARISON_DAYS, region=region, on=unit.clock.today())


async def compare_anew(unit: UnitOfWork, cases: Sequence[UUID]) -> None:
    """What is still open was asked for eliminations that are returned: the next attempt asks again."""
    await close_requests(unit, cases, CaseAction.ELIM_RETURN.value)


async def answers_missing(unit: UnitOfWork, cases: Sequence[UUID]) -> dict[UUID, list[Fault]]:
    """By case, every department that has not answered; its silence may be recorded once its due has passed."""
    asked, waiting = await requests_of(unit, cases), await outstanding(unit, cases)
    missing = {case: [_waits_for(one) for one in waiting[case]] for case in cases}
    for case in cases:
        if not asked[case]:
            missing[case].append(Fault("", "not_asked", _NOT_ASKED))
    return missing


async def papers_missing(unit: UnitOfWork, household_id: UUID) -> list[Fault]:
    """Which papers the household has not signed: the commitment, and the authorisation to ask about its economy."""
    statement = select(CONSENT.c.kind, CONSENT.c.purposes).where(
        CONSENT.c.household_id == household_id, in_area(unit), counts_on(unit.clock.today())
    )
    signed = set()
    for row in await unit.connection.execute(statement):
        if row.kind == ConsentKind.COMMITMENT.value or ConsentPurpose.ECONOMY_CHECK.value in row.purposes:
            signed.add(ConsentKind(row.kind))
    return [Fault("", f"{kind.value}_missing", message) for kind, message in _NOT_SIGNED.items() if kind not in signed]


def _waits_for(request: Any) -> Fault:
    department = DEPARTMENTS[request.department]
    if request.state == "overdue":
        message = Message(
            f"{department.zh}已逾期，请登记“逾期未反馈”。",
            f"The {department.en} is past its due; record that it did not answer.",
        )
    else:
        message = Message(
            f"等待{department.zh}反馈，期限 {request.due_at:%Y-%m-%d}。",
            f"Waiting for the {department.en} until {request.due_at:%Y-%m-%d}.",
        )
    return Fault("", "not_answered_by", message)
