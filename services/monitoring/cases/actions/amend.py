"""Amend a registered case, and send one that came back to where its household is managed now (clause B8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.http.preconditions import require_version
from services.monitoring.cases.actions.register import said_of, tell_registry
from services.monitoring.cases.actions.stepping import refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import STEP, case_row, show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.schemas.doing import CaseAmend, CaseRedispatch
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.rules.risks import NamedRisks, refusals_of_risks


async def amend(unit: UnitOfWork, case_id: UUID, body: CaseAmend, *, version: int) -> CaseRow:
    """The case, with other risks, or a note of who belongs to the household now; the state stays.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults: list[Fault] = step_faults(unit, row, CaseAction.AMEND)
    risks = body.risks or []
    if risks:
        named = NamedRisks(tuple(risks), body.disaster_kind, body.risk_note is not None)
        faults += refusals_of_risks(named, await thresholds_at(unit, row.region))
    elif body.members is None:
        faults.append(fault("no_risks", "/risks"))
    refuse(faults)
    values: dict[str, Any] = {}
    if risks:
        values = {
            "risks": [risk.value for risk in risks],
            "disaster_kind": body.disaster_kind and body.disaster_kind.value,
            "risk_note": body.risk_note,
        }
    today = unit.clock.today()
    note = body.reason if body.members is None else f"{body.reason}\n{body.members}"
    step = Taken(row=row, action=CaseAction.AMEND, on=today, note=note, values=values)
    [case] = await take(unit, [step])
    if risks and case.registered_on is not None and case.monitoring_type is not None:
        await tell_registry(unit, case, said_of(case, registered_on=case.registered_on), on=today)
    [shown] = await show_cases(unit, [case])
    return shown


async def redispatch(unit: UnitOfWork, case_id: UUID, body: CaseRedispatch, *, version: int) -> CaseRow:
    """The case, sent to the village where its household is managed now; its clock has run on.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults = step_faults(unit, row, CaseAction.REDISPATCH)
    if not faults and body.note is None and await _sent_back_by(unit, row.id) == str(row.region):
        faults.append(fault("still_misrouted", "/note"))
    refuse(faults)
    step = Taken(
        row=row,
        action=CaseAction.REDISPATCH,
        on=unit.clock.today(),
        note=body.note,
        details={"village": row.region},
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def _sent_back_by(unit: UnitOfWork, case_id: UUID) -> str | None:
    """The village that sent the case back last."""
    statement = (
        select(STEP.c.details)
        .where(STEP.c.case_id == case_id, STEP.c.action == CaseAction.MISROUTE.value)
        .order_by(STEP.c.number.desc())
        .limit(1)
    )
    details = (await unit.connection.execute(statement)).scalar_one_or_none()
    return None if details is None else details.get("village")
