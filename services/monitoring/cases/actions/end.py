"""End a case otherwise than by elimination: declined, removed as wrongly registered, or nobody left (clause B8)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.preconditions import require_version
from services.monitoring.cases.actions.publish import close_lists, take_down
from services.monitoring.cases.actions.register import said_of, write_monitoring
from services.monitoring.cases.actions.sign import keep_signature, signature_faults
from services.monitoring.cases.actions.stepping import refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import case_row, show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.schemas.doing import CaseDecline, CaseEnd, CaseRemove
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction, NaturalEndReason, RemovalReason
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.standing import living_members
from services.monitoring.visits.actions.refresh import refresh_dues


async def decline(unit: UnitOfWork, case_id: UUID, body: CaseDecline, *, version: int) -> CaseRow:
    """The case, which the household did not want, and signed so.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    signed_on = body.signed_on or unit.clock.today()
    refuse([*step_faults(unit, row, CaseAction.DECLINE), *signature_faults(unit, row, body)])
    signature = await keep_signature(unit, row, body, purpose="decline")
    details: dict[str, Any] = {"signature": signature, "signed_by": body.signed_by}
    details |= {"helper": body.helper} if body.helper else {}
    return await _end(
        unit,
        Taken(
            row=row,
            action=CaseAction.DECLINE,
            on=signed_on,
            note=body.note,
            details=details,
            values={"ended_on": signed_on},
        ),
    )


async def remove(unit: UnitOfWork, case_id: UUID, body: CaseRemove, *, version: int) -> CaseRow:
    """The case, registered by mistake; its household is monitored no longer.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    refuse(step_faults(unit, row, CaseAction.REMOVE))
    today = unit.clock.today()
    step = Taken(
        row=row,
        action=CaseAction.REMOVE,
        on=today,
        reason=RemovalReason(body.reason).value,
        note=body.note,
        values={"ended_on": today},
    )
    return await _end(unit, step, ended_as="removed")


async def end_naturally(unit: UnitOfWork, case_id: UUID, body: CaseEnd, *, version: int) -> CaseRow:
    """The case of a household of which nobody is left here.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults = step_faults(unit, row, CaseAction.END_NATURALLY)
    household = await household_row(unit, row.household_id)
    if household.state == "active" and await living_members(unit, [household.id]):
        faults.append(fault("living_members"))
    refuse(faults)
    today = unit.clock.today()
    step = Taken(
        row=row,
        action=CaseAction.END_NATURALLY,
        on=today,
        reason=NaturalEndReason(body.reason).value,
        note=body.note,
        values={"ended_on": today},
    )
    return await _end(unit, step, ended_as="natural_end")


async def _end(unit: UnitOfWork, step: Taken, *, ended_as: str | None = None) -> CaseRow:
    await take_down(unit, [step.row.id], counts=True)
    [case] = await take(unit, [step])
    await close_lists(unit, [case.id])
    if ended_as is not None:
        await stop_monitoring(unit, case, ended_as)
        await refresh_dues(unit, case.region, households=[case.household_id])
    [shown] = await show_cases(unit, [case])
    return shown


async def stop_monitoring(unit: UnitOfWork, case: Any, ended_as: str, *, on: date | None = None) -> None:
    """The household of a case that was registered is monitored no longer; of another one there is nothing to say.
    Which visits are due then, the caller works out.

    :param on: from when, where the case itself goes on; absent: the day on which it ended.
    """
    if case.registered_on is None or case.monitoring_type is None:
        return
    ended_on = on or case.ended_on
    said = said_of(case, registered_on=case.registered_on, ended_on=ended_on, ended_as=ended_as)
    await write_monitoring(unit, case, said, on=ended_on)
