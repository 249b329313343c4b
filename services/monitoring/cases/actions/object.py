"""Take an objection from the village, and settle it: verify again, or hang the list for the days left (clause B8)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from services.monitoring.cases.actions.publish import close_lists, hang_again, take_down
from services.monitoring.cases.actions.stepping import NOT_PROPOSED, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import LINE, OBJECTION, case_row, show_cases, workers_of
from services.monitoring.cases.rules.guards import OWN_WORK, fault, self_approval
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import ObjectionCreate, ObjectionSettle
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction

_UPHELD: Final = {Purpose.ENTRY: {"compared_on": None}, Purpose.ELIMINATION: NOT_PROPOSED}
"""What an objection that is upheld undoes: the comparison, or the elimination as a whole."""


async def take_objection(unit: UnitOfWork, case_id: UUID, body: ObjectionCreate, *, version: int) -> CaseRow:
    """The case, objected to; its line comes down until the objection is settled.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it does not hang.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults = step_faults(unit, row, CaseAction.OBJECT)
    hangs = select(LINE.c.list_id).where(LINE.c.case_id == row.id, LINE.c.until.is_(None))
    list_id = (await unit.connection.execute(hangs)).scalar_one_or_none()
    if not faults and list_id is None:  # on the way out the state stays while an objection waits
        faults.append(fault("objection_open"))
    refuse(faults)
    await take_down(unit, [row.id], counts=True)
    objection = {
        "id": body.id or new_id(),
        "region": row.region,
        "case_id": row.id,
        "list_id": list_id,
        "received_on": unit.clock.today(),
        "words": body.words,
        "state": "open",
        "recorded_by": unit.actor.subject,
    }
    await unit.connection.execute(insert(OBJECTION).values(objection))
    step = Taken(
        row=row,
        action=CaseAction.OBJECT,
        on=unit.clock.today(),
        details={"objection": objection["id"], "list": list_id},
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def settle_objection(unit: UnitOfWork, case_id: UUID, body: ObjectionSettle, *, version: int) -> CaseRow:
    """The case, to be verified again if the objection is upheld, else hanging for the days that are left.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    action = CaseAction.UPHOLD if body.upheld else CaseAction.DISMISS_OBJECTION
    workers = (await workers_of(unit, [row.id], OWN_WORK))[row.id]
    waiting = select(OBJECTION).where(OBJECTION.c.case_id == row.id, OBJECTION.c.state == "open")
    objection = (await unit.connection.execute(waiting)).one_or_none()
    faults = step_faults(unit, row, action) + self_approval(workers, unit.actor.subject, "")
    if objection is None:
        faults.append(fault("no_open_objection"))
    refuse(faults)
    assert objection is not None
    await unit.connection.execute(
        update(OBJECTION)
        .where(OBJECTION.c.id == objection.id)
        .values(
            state="upheld" if body.upheld else "dismissed",
            finding=body.finding,
            settled_on=unit.clock.today(),
            settled_by=unit.actor.subject,
        )
    )
    purpose = purpose_in(row.state)
    if body.upheld:
        await take_down(unit, [row.id], counts=False, purpose=purpose)
        await close_lists(unit, [row.id])
    else:
        await hang_again(unit, objection.list_id, row)
    step = Taken(
        row=row,
        action=action,
        on=unit.clock.today(),
        note=body.finding,
        details={"objection": objection.id},
        values=_UPHELD[purpose] if body.upheld else {},
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case
