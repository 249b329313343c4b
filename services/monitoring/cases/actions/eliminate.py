"""Take a household off the register: propose it, and mark its risk as eliminated; then it is followed up (clause B10).

What lies between is the entry's own: two people verify, the village meets and is shown the list, town and county
decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.http.preconditions import require_version
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.security.scope import Role
from services.monitoring.cases.actions.register import said_of, tell_registry
from services.monitoring.cases.actions.stepping import NOT_PROPOSED, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.comparing import comparison_days_in_force
from services.monitoring.cases.parameters import FOLLOW_UP_AFTER_DAYS
from services.monitoring.cases.queries.elimination import elimination_facts, kept
from services.monitoring.cases.queries.rows import CASE, case_row, show_cases
from services.monitoring.cases.queries.running import running_measures
from services.monitoring.cases.rules.elimination import violations
from services.monitoring.cases.rules.guards import fault, too_early
from services.monitoring.cases.schemas.doing import CaseNote
from services.monitoring.cases.schemas.eliminating import Eliminated, EliminationPropose
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.codes.monitoring import EliminationMode
from services.monitoring.contract import CaseEliminated
from services.monitoring.households.rules.dates import months_after
from services.monitoring.households.tables import Household
from services.monitoring.parameters import book_of
from services.monitoring.visits.duties import FOLLOW_UP_MONTHS

_HOUSEHOLD: Final = rows(Household)
SWEPT_MAX: Final = 2_000
"""Cases that one sweep follows up in one transaction; a county eliminates fewer in a day."""


async def propose(unit: UnitOfWork, case_id: UUID, body: EliminationPropose, *, version: int) -> CaseRow:
    """The case, on its way out.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises LineMissing: naming each row of the line that has to be entered first.
    :raises StateRefused: with every guard that fails, each with what would satisfy it.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults = step_faults(unit, row, CaseAction.ELIM_PROPOSE)
    if body.mode is EliminationMode.NATURAL and unit.actor.role is not Role.COUNTY_OFFICER:
        faults.append(fault("natural_is_the_countys", "/mode"))
    today = unit.clock.today()
    if not faults:
        facts = await elimination_facts(unit, [row], on=today, as_if=(body.mode, body.reason))
        faults += violations(facts[row.id])
    refuse(faults)
    values = NOT_PROPOSED | {
        "elimination_mode": body.mode.value,
        "elimination_reason": body.reason,
        "elimination_comparison_days": await comparison_days_in_force(unit, row.region),
    }
    step = Taken(
        row=row,
        action=CaseAction.ELIM_PROPOSE,
        on=today,
        reason=body.mode.value,
        note=body.reason or body.note,
        values=values,
    )
    [case] = await show_cases(unit, await take(unit, [step]))
    return case


async def eliminate(unit: UnitOfWork, case_id: UUID, *, version: int) -> Eliminated:
    """The case, eliminated today, with the measures that run on.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises LineMissing: naming each row of the line that has to be entered first.
    :raises StateRefused: with every guard that fails today.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    today = unit.clock.today()
    faults: list[Fault] = step_faults(unit, row, CaseAction.ELIMINATE)
    figures = None
    if not faults:
        facts = (await elimination_facts(unit, [row], on=today))[row.id]
        faults += violations(facts)
        figures = kept(facts)
    refuse(faults)
    mode = EliminationMode(row.elimination_mode)
    step = Taken(
        row=row,
        action=CaseAction.ELIMINATE,
        on=today,
        reason=mode.value,
        details={"mode": mode.value},
        values={"eliminated_on": today, "elimination": figures},
        event=CaseEliminated(
            case=row.id,
            household=row.household_id,
            monitoring_type=row.monitoring_type,
            basis=row.basis,
            mode=mode.value,
            eliminated_on=today,
        ),
    )
    [case] = await take(unit, [step])
    said = said_of(case, registered_on=case.registered_on, eliminated_on=today, elimination_mode=mode)
    await tell_registry(unit, case, said, on=today)
    [shown] = await show_cases(unit, [case])
    running = await running_measures(unit, row, on=today)
    return Eliminated(**shown.model_dump(), running=running)


async def follow_up(unit: UnitOfWork, case_id: UUID, body: CaseNote, *, version: int) -> CaseRow:
    """The case, followed up from today.

    :raises NotFound: if it is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it was not eliminated, or not so long ago as the area says.
    """
    row = await case_row(unit, case_id, lock=True)
    require_version(version, row.version)
    faults = step_faults(unit, row, CaseAction.START_FOLLOW_UP)
    days = (await book_of(unit, row.region)).integer(FOLLOW_UP_AFTER_DAYS, region=row.region, on=unit.clock.today())
    if not faults and unit.clock.today() < (first := row.eliminated_on + timedelta(days=days)):
        faults.append(too_early(first))
    refuse(faults)
    [case] = await show_cases(unit, await start_follow_up(unit, [row], note=body.note))
    return case


async def start_follow_up(unit: UnitOfWork, cases: Sequence[Any], *, note: str | None = None) -> list[Any]:
    """These eliminated cases, locked, followed up from today."""
    today = unit.clock.today()
    return await take(unit, [Taken(row=row, action=CaseAction.START_FOLLOW_UP, on=today, note=note) for row in cases])


async def _sweep(run: SweepRun) -> None:
    """Follow up whom the area's days have passed for; a household that is no more, or registered anew, is not."""
    async with run.unit() as unit:
        book = await book_of(unit, run.region)
        days = book.integer(FOLLOW_UP_AFTER_DAYS, region=run.region, on=run.as_of)
        months = book.integer(FOLLOW_UP_MONTHS, region=run.region, on=run.as_of)
        ends_before = months_after(run.as_of, -months) if months else date.min
        statement = (
            select(CASE)
            .where(
                CASE.c.region.between(unit.area.lo, unit.area.hi),
                CASE.c.state == CaseState.ELIMINATED.value,
                CASE.c.eliminated_on <= run.as_of - timedelta(days=days),
                CASE.c.eliminated_on > ends_before,
                exists().where(
                    _HOUSEHOLD.c.id == CASE.c.household_id,
                    _HOUSEHOLD.c.state == "active",
                    _HOUSEHOLD.c.eliminated_on == CASE.c.eliminated_on,
                ),
            )
            .order_by(CASE.c.id)
            .limit(SWEPT_MAX)
            .with_for_update(of=CASE)
        )
        await start_follow_up(unit, (await unit.connection.execute(statement)).all())


FOLLOW_UPS: Final = Sweep("cases.follow_up", _sweep)
