"""Work out what is due, in 分, and when a pupil's stage ends: pure formulas over the numbers of an area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.monitoring.codes.registers import StageEndBasis, StudyStage
from services.monitoring.households.rules.dates import months_after

_WHOLE: Final = 100  # percent
_MONTHS: Final = 12
_COMPULSORY: Final = (StudyStage.PRIMARY, StudyStage.JUNIOR)
_BEFORE: Final[Mapping[StudyStage, tuple[StudyStage, ...]]] = {
    StudyStage.PRIMARY: (),
    StudyStage.JUNIOR: (StudyStage.PRIMARY,),
    StudyStage.SENIOR: _COMPULSORY,
    StudyStage.SECONDARY_VOCATIONAL: _COMPULSORY,
    StudyStage.HIGHER_VOCATIONAL: (*_COMPULSORY, StudyStage.SENIOR),
    StudyStage.UNDERGRADUATE: (*_COMPULSORY, StudyStage.SENIOR),
    StudyStage.POSTGRADUATE: (*_COMPULSORY, StudyStage.SENIOR, StudyStage.UNDERGRADUATE),
}


@dataclass(frozen=True, slots=True)
class Pupil:
    """Who is at school, as offices know it.

    :ivar grade: the year of the stage on ``grade_on``, from 1; None where only the stage is known.
    :ivar entered_on: when the stage began, where the one before is known as well.
    """

    born: date
    stage: StudyStage
    grade: int | None = None
    grade_on: date | None = None
    entered_on: date | None = None


@dataclass(frozen=True, slots=True)
class SchoolYears:
    """学制: how long stages last in an area, with which month a school year begins, and from which age one must go."""

    years: Mapping[StudyStage, int]
    first_month: int
    first_age: int

    def year_of(self, day: date) -> int:
        """The school year that a day lies in, by the calendar year in which it begins."""
        return day.year if day.month >= self.first_month else day.year - 1

    def last_day(self, year: int) -> date:
        """The day before the next school year."""
        return date(year + 1, self.first_month, 1) - timedelta(days=1)


def stage_end(pupil: Pupil, school: SchoolYears, *, on: date) -> tuple[date, StageEndBasis] | None:
    """The last day of the stage in which the pupil is, and what it goes by: the best that is known and still ahead.

    :return: None where all that is known says that the stage should be over by ``on``.
    """
    for year, basis in _last_years(pupil, school):
        if (last := school.last_day(year)) >= on:
            return last, basis
    return None


def _last_years(pupil: Pupil, school: SchoolYears) -> Iterator[tuple[int, StageEndBasis]]:
    years = school.years[pupil.stage]
    if pupil.grade is not None and pupil.grade_on is not None:
        yield school.year_of(pupil.grade_on) + max(years - pupil.grade, 0), StageEndBasis.GRADE
    if pupil.entered_on is not None:
        yield school.year_of(pupil.entered_on) + years - 1, StageEndBasis.ENTRY
    # Who turns the age of school before a school year begins, begins with it.
    first = school.year_of(months_after(pupil.born, school.first_age * _MONTHS) - timedelta(days=1)) + 1
    if pupil.stage is StudyStage.PRESCHOOL:
        yield first - 1, StageEndBasis.AGE
    else:
        yield first + sum(school.years[one] for one in _BEFORE[pupil.stage]) + years - 1, StageEndBasis.AGE


def extra_due(standard_fen: int, percent: int) -> int:
    """低保增发 (H-11): at least ``percent`` of the month's standard, so a broken 分 counts as a whole one."""
    return -(-standard_fen * percent // _WHOLE)


def contribution_aid(contribution_fen: int, amount_fen: int | None) -> int:
    """参保资助 (S-10): all of the contribution where no amount is set, else the amount, but never more than it."""
    return contribution_fen if amount_fen is None else min(contribution_fen, amount_fen)
