"""In which stage the pupils of households are, and when it ends: by the school roll and the registry, the newer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.registers import STUDY_STAGES, SchoolStatus, StageEndBasis, StudyStage
from services.monitoring.codes.work_and_school import SchoolStage
from services.monitoring.parameters import book_of
from services.monitoring.registers import thresholds
from services.monitoring.registers.rules import Pupil, SchoolYears, stage_end

_OUT: Final = frozenset({SchoolStatus.GRADUATED, SchoolStatus.DROPPED_OUT})
# The registry's stage counts from the first of its states in a row that say so: a changed phone number renews no grade.
# Who was registered with effect from an earlier day was at school in that grade when it was written down.
# A stage of the roll has begun with its first row where the row before says another one.
_PUPILS: Final = text(
    """
    SELECT p.id, p.household_id, p.birth_date, p.school_stage, told.since, roll.status, roll.stage, roll.holds_from,
           entered.on_day AS entered_on
    FROM person AS p
    LEFT JOIN LATERAL (
        SELECT min(CASE WHEN known.recorded_on <= :on THEN greatest(known.valid_from, known.recorded_on)
                        ELSE known.valid_from END) AS since
        FROM (
            SELECT said.valid_from, CAST(said.recorded_at AT TIME ZONE 'Asia/Shanghai' AS date) AS recorded_on
            FROM (
                SELECT p.valid_from, p.recorded_at UNION ALL
                SELECT state.valid_from, state.recorded_at FROM person_history AS state
                WHERE state.id = p.id AND state.version > coalesce((
                    SELECT max(other.version) FROM person_history AS other
                    WHERE other.id = p.id AND other.document ->> 'school_stage' IS DISTINCT FROM p.school_stage), 0)
            ) AS said
        ) AS known
    ) AS told ON true
    LEFT JOIN LATERAL (
        SELECT f.status, f.stage, f.holds_from FROM register_dropout AS f
        WHERE f.person_id = p.id AND f.region BETWEEN :lo AND :hi AND f.replaced_at IS NULL AND f.holds_from <= :on
          AND (f.holds_to IS NULL OR f.holds_to >= :on)
        ORDER BY f.holds_from DESC LIMIT 1
    ) AS roll ON true
    LEFT JOIN LATERAL (
        SELECT min(own.holds_from) AS on_day FROM register_dropout AS own
        WHERE own.person_id = p.id AND own.region BETWEEN :lo AND :hi AND own.replaced_at IS NULL
          AND own.stage = roll.stage AND own.holds_from > (
            SELECT max(former.holds_from) FROM register_dropout AS former
            WHERE former.person_id = p.id AND former.region BETWEEN :lo AND :hi AND former.replaced_at IS NULL
              AND former.stage <> roll.stage AND former.holds_from < roll.holds_from)
    ) AS entered ON true
    WHERE p.household_id = ANY(CAST(:households AS uuid[])) AND p.region BETWEEN :lo AND :hi AND p.state = 'active'
      AND (p.school_stage IS NOT NULL OR roll.stage IS NOT NULL)
    ORDER BY p.household_id, p.id
    """
)


@dataclass(frozen=True, slots=True)
class StageOf:
    """A pupil's stage on a day; ``ends_on`` and its basis are None where what is known says that it should be over."""

    person_id: UUID
    stage: StudyStage
    ends_on: date | None
    basis: StageEndBasis | None


async def stages_of(
    unit: UnitOfWork, household_ids: Sequence[UUID], county: int, *, on: date
) -> Mapping[UUID, Sequence[StageOf]]:
    """By household, its members who are at school on a day; a household without any is left out.

    :param county: whose numbers of school years count.
    """
    binds = {"households": list(household_ids), "lo": unit.area.lo, "hi": unit.area.hi, "on": on}
    pupils = (await unit.connection.execute(_PUPILS, binds)).all()
    if not pupils:
        return {}
    book = await book_of(unit, county)
    there: dict[str, Any] = {"region": county, "on": on}
    school = SchoolYears(
        years={stage: book.integer(thresholds.stage_years_key(stage), **there) for stage in StudyStage},
        first_month=book.integer(thresholds.SCHOOL_YEAR_MONTH, **there),
        first_age=book.integer(thresholds.SCHOOL_AGE_MIN, **there),
    )
    found: dict[UUID, list[StageOf]] = {}
    for row in pupils:
        pupil = _pupil(row)
        if pupil is not None:
            ends_on, basis = stage_end(pupil, school, on=on) or (None, None)
            found.setdefault(row.household_id, []).append(StageOf(row.id, pupil.stage, ends_on, basis))
    return found


def _pupil(row: Any) -> Pupil | None:
    registered = None if row.school_stage is None else SchoolStage(row.school_stage)
    stage = None if registered is None else STUDY_STAGES.get(registered.group)
    rolled = row.holds_from is not None and (stage is None or row.holds_from >= row.since)
    if rolled and row.status in _OUT:
        return None
    told = StudyStage(row.stage) if rolled and row.stage is not None else stage
    if told is None:
        return None
    # The roll names no grade; the registry's helps where both mean one stage.
    grade = registered.grade if registered is not None and told is stage else None
    return Pupil(
        born=row.birth_date,
        stage=told,
        grade=grade,
        grade_on=row.since if grade is not None else None,
        entered_on=row.entered_on if told == row.stage else None,
    )
