"""Register a household: its type, basis and line are computed on the decision's day, never typed (clause B5, B8)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.http.preconditions import require_version
from services.monitoring.cases.actions.stepping import refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import STEP, case_row, show_cases
from services.monitoring.cases.rules.guards import fault, out_of_range_since
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.classification.queries.decide import classify_household
from services.monitoring.classification.rules import Classification
from services.monitoring.codes.cases import CaseAction
from services.monitoring.codes.monitoring import ClassificationBasis, DisasterKind, MonitoringType, Risk
from services.monitoring.contract import CaseRegistered
from services.monitoring.households.actions.monitoring import Source, Told, record_monitoring
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring
from services.monitoring.visits.actions.refresh import refresh_dues

SOURCE: Final = "case"


async def register_case(unit: UnitOfWork, case_id: UUID, *, version: int) -> CaseRow:
    """The case, registered today, with what the facts on record make of its household on the day of the decision.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises LineMissing: naming each row of the line that has to be entered first.
    :raises StateRefused: with every guard that fails.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    today = unit.clock.today()
    faults: list[Fault] = step_faults(unit, row, CaseAction.REGISTER)
    if not row.risks:
        faults.append(fault("no_risks"))
    household = await household_row(unit, row.household_id)
    if household.state != "active":
        faults.append(fault("household_ended"))
    refuse(faults)
    decided_on = await _decided_on(unit, row.id)
    made = await classify_household(unit, row.household_id, decided_on=decided_on, shock_verified=row.shock_verified)
    if made.monitoring_type is None or made.basis is None:
        refuse([out_of_range_since()])
    assert made.monitoring_type is not None
    assert made.basis is not None
    step = Taken(
        row=row,
        action=CaseAction.REGISTER,
        on=today,
        details={"type": made.monitoring_type.value, "basis": made.basis.value, "decided_on": decided_on},
        values={
            "registered_on": today,
            "monitoring_type": made.monitoring_type.value,
            "basis": made.basis.value,
            "line_fen": made.line.line_fen,
            "classification": _kept(made),
        },
        event=CaseRegistered(
            case=row.id,
            household=row.household_id,
            monitoring_type=made.monitoring_type.value,
            basis=made.basis.value,
            registered_on=today,
        ),
    )
    [case] = await take(unit, [step])
    await tell_registry(unit, case, said_of(case, registered_on=today), on=today)
    [shown] = await show_cases(unit, [case])
    return shown


async def _decided_on(unit: UnitOfWork, case_id: UUID) -> date:
    """The day of the county's decision: its line, its window and its basis are those that count."""
    statement = (
        select(STEP.c.on_day)
        .where(STEP.c.case_id == case_id, STEP.c.action == CaseAction.APPROVE_C.value)
        .order_by(STEP.c.number.desc())
        .limit(1)
    )
    day: date = (await unit.connection.execute(statement)).scalar_one()
    return day


def said_of(row: Any, *, registered_on: date, **more: Any) -> SaidMonitoring:
    """What a case says of its household's monitoring."""
    return SaidMonitoring(
        monitoring_type=MonitoringType(row.monitoring_type),
        registered_on=registered_on,
        basis=row.basis and ClassificationBasis(row.basis),
        risks=tuple(map(Risk, row.risks)),
        disaster_kind=row.disaster_kind and DisasterKind(row.disaster_kind),
        risk_note=row.risk_note,
        **more,
    )


async def tell_registry(unit: UnitOfWork, row: Any, said: SaidMonitoring, *, on: date) -> None:
    """Write what a case says as :func:`write_monitoring` does, so that its household is visited by it from today on."""
    await write_monitoring(unit, row, said, on=on)
    await refresh_dues(unit, row.region, households=[row.household_id])


async def write_monitoring(
    unit: UnitOfWork, row: Any, said: SaidMonitoring, *, on: date, prevails: bool = False
) -> None:
    """Write what a case says as a dated fact, so that the household shows it; which visits are due is the caller's.

    What is said of an earlier registration, once the household was registered anew, is the case's own affair.

    :param prevails: it holds whatever the household shows: the case came with people who joined it.
    """
    shown = (await household_row(unit, row.household_id)).registered_on
    if not prevails and shown is not None and shown > said.registered_on:
        return
    setting = Setting(
        today=unit.clock.today(),
        lo=unit.area.lo,
        hi=unit.area.hi,
        thresholds=await thresholds_at(unit, row.region),
    )
    told = Told(household_id=row.household_id, said=said, income_after=IncomeFigures())
    # No doubt is raised or ended: the figures of a case stand in its income lines, not in a form.
    await record_monitoring(unit, [told], Source(kind=SOURCE, id=row.id, on=on), setting, codes=())


def _kept(made: Classification) -> dict[str, Any]:
    """The numbers that decided, kept as they were on the day."""
    return {
        "members": made.income.members,
        "net_fen": made.income.net_fen,
        "ref_fen": made.income.ref_fen,
        "window": [made.income.window.first.isoformat(), made.income.window.last.isoformat()],
        "is_lifted": made.is_lifted,
        "shock_verified": made.shock_verified,
        "guarantees_failed": [one.value for one in made.guarantees_failed],
        "line": {"base_fen": made.line.base_fen, "county_fen": made.line.county_fen},
    }
