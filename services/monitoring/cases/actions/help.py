"""Begin the help: after the register, or before it by the green channel (绿色通道, clause B8)."""

from __future__ import annotations

from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.preconditions import require_version
from services.monitoring.cases.actions.stepping import refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import case_row, show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.rules.states import BEFORE_REGISTER
from services.monitoring.cases.schemas.doing import CaseHelp, CaseNote
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction, CaseState


async def mark_urgent(unit: UnitOfWork, case_id: UUID, body: CaseNote, *, version: int) -> CaseRow:
    """The case, whose help may begin at once, papers after.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is registered, or has ended.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    refuse(step_faults(unit, row, CaseAction.MARK_URGENT))
    step = Taken(row=row, action=CaseAction.MARK_URGENT, on=unit.clock.today(), note=body.note, values={"urgent": True})
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def begin_help(unit: UnitOfWork, case_id: UUID, body: CaseHelp, *, version: int) -> CaseRow:
    """The case, with who helps and since when; one that is not registered yet stays where it is.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    early = CaseState(row.state) in BEFORE_REGISTER
    action = CaseAction.HELP_URGENTLY if early else CaseAction.START_MEASURES
    helped_from = body.helped_from or unit.clock.today()
    faults = step_faults(unit, row, action)
    if early and not row.urgent:
        faults.append(fault("not_urgent"))
    if helped_from > unit.clock.today():
        faults.append(fault("day_ahead", "/helped_from"))
    if helped_from < row.day_0:
        faults.append(fault("before_day_0", "/helped_from"))
    refuse(faults)
    first = min(helped_from, row.helped_from) if row.helped_from else helped_from
    step = Taken(
        row=row,
        action=action,
        on=helped_from,
        note=body.note,
        values={"help_person": body.help_person, "helped_from": first},
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case
