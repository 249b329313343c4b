"""Verify a household by two people: the first records what was found, the second confirms it by their own sign-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, NotFound
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from services.monitoring.cases.actions.sign import keep_signature, signature_faults
from services.monitoring.cases.actions.stepping import NOT_PROPOSED, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.actions.tell import has_applicant, keep_notices, told_faults
from services.monitoring.cases.comparing import comparison_days, open_comparison, papers_missing
from services.monitoring.cases.queries.rows import VERIFICATION, begun_on, case_row, show_cases
from services.monitoring.cases.rules.guards import fault, too_old
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import CaseNote, VerificationCreate, VerificationSecond
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.clues.actions.dismiss import dismiss_with_case
from services.monitoring.codes.cases import CaseAction
from services.monitoring.codes.clues import DismissalReason

CONFIRMING: Final = {Purpose.ENTRY: CaseAction.CONFIRM, Purpose.ELIMINATION: CaseAction.ELIM_VERIFY}


async def record_verification(
    unit: UnitOfWork, case_id: UUID, body: VerificationCreate, *, version: int | None
) -> CaseRow:
    """The case, with what the first person found; a later record replaces one that nobody has confirmed.

    :param version: None for a phone's operation, which finds the case as it is.
    :raises NotFound: if the case is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    if version is not None:
        require_version(version, row.version)
    on = body.verified_on or unit.clock.today()
    faults = step_faults(unit, row, CaseAction.RECORD_VERIFICATION)
    if on > unit.clock.today():
        faults.append(fault("day_ahead", "/verified_on"))
    since = await begun_on(unit, row)
    faults += too_old(on, "/verified_on", day_0=row.day_0, since=since)
    if not body.can_write and body.helper is None:
        faults.append(fault("helper_needed", "/helper"))
    purpose = purpose_in(row.state)
    if body.signature is not None:
        faults += signature_faults(unit, row, body.signature, "/signature", since=since)
    elif purpose is Purpose.ELIMINATION:
        faults.append(fault("signature_missing", "/signature"))
    refuse(faults)
    verification = await keep_verification(
        unit,
        row,
        {
            "id": body.id or new_id(),
            "verified_on": on,
            "mode": body.mode.value,
            "summary": body.summary,
            "risks": [risk.value for risk in body.risks],
            "helper": body.helper,
            "first_subject": unit.actor.subject,
        },
    )
    details: dict[str, Any] = {"verification": verification["id"], "mode": body.mode.value}
    if body.signature is not None:
        details["signature"] = await keep_signature(unit, row, body.signature, purpose=purpose.value)
    step = Taken(
        row=row,
        action=CaseAction.RECORD_VERIFICATION,
        on=on,
        details=details,
        values=found_in(row, verification["risks"], shock_verified=body.shock_verified),
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def confirm_verification(unit: UnitOfWork, case_id: UUID, body: VerificationSecond, *, version: int) -> CaseRow:
    """The case, verified, or not confirmed: then its clues are dismissed with the reason given.

    :raises NotFound: if the case, or the verification, is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    purpose = purpose_in(row.state)
    action = CONFIRMING[purpose] if body.confirmed else CaseAction.NOT_CONFIRM
    faults = step_faults(unit, row, action)
    first = await _waiting(unit, row.id, body.verification_id)
    if first is None:
        faults.append(fault("no_verification", "/verification_id"))
    elif first.first_subject == unit.actor.subject:
        faults.append(fault("same_person"))
    applied = not body.confirmed and purpose is Purpose.ENTRY and await has_applicant(unit, row.id)
    faults += await confirming_faults(unit, row) if body.confirmed else _reason_faults(body)
    if applied or (not body.confirmed and (body.told_on or body.told_how) is not None):
        faults += told_faults(body, unit.clock.today(), "")
    refuse(faults)
    assert first is not None
    await unit.connection.execute(
        update(VERIFICATION)
        .where(VERIFICATION.c.id == first.id)
        .values(outcome="confirmed" if body.confirmed else "not_confirmed", second_subject=unit.actor.subject)
    )
    step = Taken(
        row=row,
        action=action,
        on=unit.clock.today(),
        reason=None if body.confirmed or body.reason is None else body.reason.value,
        note=body.note,
        details={"verification": first.id},
        values={} if body.confirmed else _unconfirmed(unit, purpose),
    )
    if body.confirmed:
        case = await confirmed(unit, step)
    else:
        [case] = await take(unit, [step])
        await keep_notices(unit, [(case, body)])
    if not body.confirmed and body.reason is not None and purpose is Purpose.ENTRY:
        await dismiss_with_case(unit, row.id, body.reason, body.note)
    [shown] = await show_cases(unit, [case])
    return shown


async def keep_verification(unit: UnitOfWork, row: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was found at the household of the case ``row``; one that nobody has confirmed is replaced."""
    await unit.connection.execute(
        update(VERIFICATION)
        .where(VERIFICATION.c.case_id == row.id, VERIFICATION.c.outcome.is_(None))
        .values(outcome="replaced", second_subject="program:replaced")
    )
    kept = {**said, "region": row.region, "case_id": row.id, "purpose": purpose_in(row.state).value}
    await unit.connection.execute(insert(VERIFICATION).values(kept))
    return kept


def found_in(row: Any, risks: Sequence[str], *, shock_verified: bool) -> dict[str, Any]:
    """What a verification changes in its case; on the way out the risks stay those of the register."""
    if purpose_in(row.state) is Purpose.ELIMINATION:
        return {}
    return {"risks": list(risks), "shock_verified": shock_verified}


async def confirming_faults(unit: UnitOfWork, row: Any) -> list[Fault]:
    """What a confirmation needs beside the second person: the papers under which departments are asked."""
    return await papers_missing(unit, row.household_id) if await _compares(unit, row) else []


async def confirmed(unit: UnitOfWork, step: Taken) -> Any:
    """The case after its confirmation, with the departments asked."""
    compares = await _compares(unit, step.row)
    [case] = await take(unit, [step])
    if compares:
        await open_comparison(unit, [case])
    return case


async def _compares(unit: UnitOfWork, row: Any) -> bool:
    return purpose_in(row.state) is Purpose.ENTRY or await comparison_days(unit, row) > 0


def _unconfirmed(unit: UnitOfWork, purpose: Purpose) -> dict[str, Any]:
    """What a visit that did not confirm leaves: a case that ended, or one whose elimination is off."""
    return {"ended_on": unit.clock.today()} if purpose is Purpose.ENTRY else dict(NOT_PROPOSED)


async def misroute(unit: UnitOfWork, case_id: UUID, body: CaseNote, *, version: int) -> CaseRow:
    """The case, back at the county to be sent elsewhere; its clock runs on.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is not waiting to be verified.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    refuse(step_faults(unit, row, CaseAction.MISROUTE))
    step = Taken(
        row=row,
        action=CaseAction.MISROUTE,
        on=unit.clock.today(),
        note=body.note,
        details={"village": row.region},
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def _waiting(unit: UnitOfWork, case_id: UUID, verification_id: UUID) -> Any:
    """The verification that nobody has confirmed yet, or None.

    :raises NotFound: if the case has none of that id.
    """
    statement = select(VERIFICATION).where(VERIFICATION.c.id == verification_id, VERIFICATION.c.case_id == case_id)
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row if row.outcome is None else None


def _reason_faults(body: VerificationSecond) -> list[Fault]:
    if body.reason is None:
        return [fault("reason_needed", "/reason")]
    return [fault("note_needed", "/note")] if body.reason is DismissalReason.OTHER and body.note is None else []
