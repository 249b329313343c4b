"""Close the comparison of a list of cases: all answered, or the silence of a department is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.actions.stepping import locked, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.comparing import answers_missing
from services.monitoring.cases.queries.rows import show_cases
from services.monitoring.cases.rules.states import Purpose, purpose_in
from services.monitoring.cases.schemas.doing import CaseList, ComparisonDone
from services.monitoring.codes.cases import CaseAction

_DONE: Final = {Purpose.ENTRY: "compared_on", Purpose.ELIMINATION: "elimination_compared_on"}


async def close_comparison(unit: UnitOfWork, body: ComparisonDone) -> CaseList:
    """The cases, compared.

    :raises NotFound: if one is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: with every guard that fails, for every case.
    """
    cases = await locked(unit, body.cases)
    missing = await answers_missing(unit, [row.id for row in cases])
    faults = []
    for place, row in enumerate(cases):
        pointer = f"/cases/{place}"
        faults += step_faults(unit, row, CaseAction.COMPARE, pointer)
        faults += [replace(one, pointer=pointer) for one in missing.get(row.id, ())]
    refuse(faults)
    today = unit.clock.today()
    steps = [
        Taken(
            row=row, action=CaseAction.COMPARE, on=today, note=body.note, values={_DONE[purpose_in(row.state)]: today}
        )
        for row in cases
    ]
    return CaseList(items=await show_cases(unit, await take(unit, steps)))
