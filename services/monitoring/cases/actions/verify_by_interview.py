"""Let a filled form count as the verification: two people have signed it already, each by own sign-in (clause B8)."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from services.monitoring.cases.actions.sign import keep_signature, signature_faults
from services.monitoring.cases.actions.stepping import refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.actions.verify import (
    CONFIRMING,
    confirmed,
    confirming_faults,
    found_in,
    keep_verification,
)
from services.monitoring.cases.queries.rows import begun_on, case_row, show_cases
from services.monitoring.cases.rules.guards import fault, too_old
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import InterviewVerification
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction
from services.monitoring.interviews.queries.held import interview_row


async def verify_by_interview(unit: UnitOfWork, case_id: UUID, body: InterviewVerification, *, version: int) -> CaseRow:
    """The case, verified by who wrote and who countersigned the form.

    :raises NotFound: if the case, or the form, is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    form = await interview_row(unit, body.interview_id)
    purpose = purpose_in(row.state)
    faults = step_faults(unit, row, CaseAction.RECORD_VERIFICATION)
    if form.state != "countersigned":
        faults.append(fault("not_countersigned", "/interview_id"))
    if form.household_id != row.household_id or form.case_id not in {None, row.id}:
        faults.append(fault("other_case", "/interview_id"))
    since = await begun_on(unit, row)
    faults += too_old(form.held_on, "/interview_id", day_0=row.day_0, since=since)
    if body.signature is not None:
        faults += signature_faults(unit, row, body.signature, "/signature", since=since)
    elif purpose is Purpose.ELIMINATION:
        faults.append(fault("signature_missing", "/signature"))
    refuse([*faults, *(await confirming_faults(unit, row))])
    verification = await keep_verification(
        unit,
        row,
        {
            "id": new_id(),
            "verified_on": form.held_on,
            "mode": form.mode,
            "summary": body.summary,
            "risks": [risk.value for risk in body.risks],
            "first_subject": form.recorded_by,
            "second_subject": form.countersigned_by,
            "outcome": "confirmed",
            "interview_id": form.id,
        },
    )
    details = {"verification": verification["id"], "interview": form.id}
    signed = {}
    if body.signature is not None:
        signed = {"signature": await keep_signature(unit, row, body.signature, purpose=purpose.value)}
    [case] = await take(
        unit,
        [
            Taken(
                row=row,
                action=CaseAction.RECORD_VERIFICATION,
                on=form.held_on,
                details=details | signed,
                values=found_in(row, verification["risks"], shock_verified=body.shock_verified),
                subject=form.recorded_by,
            )
        ],
    )
    step = Taken(
        row=case,
        action=CONFIRMING[purpose],
        on=unit.clock.today(),
        details=details,
        subject=form.countersigned_by,
    )
    [shown] = await show_cases(unit, [await confirmed(unit, step)])
    return shown
