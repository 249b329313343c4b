"""Record checks of a household's guarantees, all or none, and withdraw one that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, StateRefused
from chassis.files.files import StoredFile, hold
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.evidence import NO_EVIDENCE, evidence_of
from services.monitoring.guarantees.queries.listing import check_row
from services.monitoring.guarantees.queries.standing import CHECK, shown
from services.monitoring.guarantees.schemas import (
    GuaranteeCheckCreate,
    GuaranteeCheckRead,
    GuaranteeChecksCreate,
    GuaranteeChecksRead,
    GuaranteeCheckWithdraw,
)
from services.monitoring.households.queries.one import household_row

KIND: Final = "guarantee_check"
EVIDENCE_PURPOSE: Final = "guarantee_evidence"
_FIELDS: Final = ("answer", "checked_on", "evidence", "item", "source")
_RECORD: Final = rows(DepartmentRecord)
_AFTER_TODAY: Final = Message("核查日期不能晚于今天。", "A check cannot be dated after today.")
_ENDED: Final = Message("该户已不在册，不能再录入核查。", "The household has ended; nothing can be added to it.")
_NO_RECORD: Final = Message("没有该户的这条部门记录。", "There is no such department's record of this household.")
_WITHDRAWN: Final = Message("这次核查已撤销。", "This check is withdrawn already.")


async def record_checks(unit: UnitOfWork, household_id: UUID, body: GuaranteeChecksCreate) -> GuaranteeChecksRead:
    """The checks as kept; what was checked before stays and the latest one decides.

    :raises NotFound: if there is no such household in the caller's area.
    :raises InvalidInput: naming each check with a day to come, an unknown file or another household's record.
    """
    household = await household_row(unit, household_id)
    faults = [] if household.state == "active" else [Fault("", "household_ended", _ENDED)]
    today = unit.clock.today()
    faults += [
        Fault(f"/checks/{place}/checked_on", "check_after_today", _AFTER_TODAY)
        for place, check in enumerate(body.checks)
        if check.checked_on is not None and check.checked_on > today
    ]
    faults += await _unknown_records(unit, household.id, body.checks)
    files: dict[UUID, StoredFile] = {}
    for place, check in enumerate(body.checks):
        if check.evidence_file_id is not None:
            file = await evidence_of(unit, check.evidence_file_id, purpose=EVIDENCE_PURPOSE)
            if file is None:
                faults.append(Fault(f"/checks/{place}/evidence_file_id", "evidence_unknown", NO_EVIDENCE))
            else:
                files[file.id] = file
    if faults:
        raise InvalidInput(faults=faults)
    values = [
        {
            **check.model_dump(exclude={"id", "checked_on"}),
            "id": check.id or new_id(),
            "region": household.region,
            "household_id": household.id,
            "checked_on": check.checked_on or today,
            "recorded_by": unit.actor.subject,
        }
        for check in body.checks
    ]
    saved = (await unit.connection.execute(insert(CHECK).returning(CHECK), values)).all()
    for row in saved:
        if row.evidence_file_id is not None:
            await hold(unit, files[row.evidence_file_id], holder=KIND, holder_id=row.id)
        unit.record("guarantee.record", Aggregate(KIND, row.id, row.region, row.version), fields=_FIELDS)
    return GuaranteeChecksRead(household_id=household.id, checks=[shown(unit, row) for row in saved])


async def withdraw_check(
    unit: UnitOfWork, check_id: UUID, body: GuaranteeCheckWithdraw, *, version: int
) -> GuaranteeCheckRead:
    """The check, which no longer counts: the answer before it holds again.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is withdrawn already.
    """
    row = await check_row(unit, check_id, lock=True)
    require_version(version, row.version)
    if row.state != "active":
        raise StateRefused(faults=[Fault("", "check_withdrawn", _WITHDRAWN)])
    statement = update(CHECK).where(CHECK.c.id == row.id)
    values = {"state": "withdrawn", "withdrawn_reason": body.reason, "version": row.version + 1}
    saved = (await unit.connection.execute(statement.values(values).returning(CHECK))).one()
    aggregate = Aggregate(KIND, saved.id, saved.region, saved.version)
    unit.record("guarantee.withdraw", aggregate, fields=["state"], reason=body.reason)
    return shown(unit, saved)


async def _unknown_records(unit: UnitOfWork, household: UUID, checks: Sequence[GuaranteeCheckCreate]) -> list[Fault]:
    named = {check.record_id for check in checks} - {None}
    if not named:
        return []
    statement = select(_RECORD.c.id).where(
        _RECORD.c.id.in_(named),
        _RECORD.c.household_id == household,
        _RECORD.c.region.between(unit.area.lo, unit.area.hi),
    )
    known = set((await unit.connection.execute(statement)).scalars())
    return [
        Fault(f"/checks/{place}/record_id", "record_unknown", _NO_RECORD)
        for place, check in enumerate(checks)
        if check.record_id is not None and check.record_id not in known
    ]
