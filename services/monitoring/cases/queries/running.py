"""What runs on after an elimination, and until when (clause B10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.schemas.eliminating import RunningMeasure
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.registers import StudyStage
from services.monitoring.lines.queries.rows import county_of
from services.monitoring.measures.queries.given import GivenMeasure, measures_of
from services.monitoring.registers.queries.stages import StageOf, stages_of

_COMPULSORY: Final = frozenset({StudyStage.PRIMARY, StudyStage.JUNIOR})
_HELPED: Final = {
    MeasureKind.COMPULSORY_EDUCATION: _COMPULSORY,
    MeasureKind.OTHER_EDUCATION: frozenset(StudyStage) - _COMPULSORY,
}
"""Which stages a measure with schooling is for, where it does not name the pupil."""


async def running_measures(unit: UnitOfWork, case: Any, *, on: date) -> list[RunningMeasure]:
    """Loans and asset income run to the contract's end, posts to the agreement's, schooling to the end of the stage."""
    home = case.household_id
    given = [one for one in (await measures_of(unit, [home], on=on))[home] if one.runs_on(on)]
    pupils: Sequence[StageOf] = ()
    if any(one.kind in _HELPED for one in given):
        pupils = (await stages_of(unit, [home], county_of(case.region), on=on)).get(home, ())
    return [_running(one, _pupil_of(one, pupils)) for one in given]


def _running(one: GivenMeasure, pupil: StageOf | None) -> RunningMeasure:
    stage_ends_on = pupil and pupil.ends_on
    return RunningMeasure(
        id=one.id,
        kind=one.kind,
        started_on=one.started_on,
        runs_until=one.ended_on or stage_ends_on or one.planned_end_on,
        planned_end_on=one.planned_end_on,
        pupil_id=pupil and pupil.person_id,
        stage=pupil and pupil.stage,
        stage_ends_on=stage_ends_on,
        stage_ends_by=pupil and pupil.basis,
    )


def _pupil_of(one: GivenMeasure, pupils: Sequence[StageOf]) -> StageOf | None:
    """Whom a measure helps at school: the one whom it names, else the only one in such a stage."""
    stages = _HELPED.get(one.kind)
    if stages is None:
        return None
    if one.person_id is not None:
        return next((pupil for pupil in pupils if pupil.person_id == one.person_id), None)
    meant = [pupil for pupil in pupils if pupil.stage in stages]
    return meant[0] if len(meant) == 1 else None
