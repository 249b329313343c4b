"""A pupil's stage ends with its last school year, by the best that is known: grade, entry, or else age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.monitoring.codes.registers import StageEndBasis, StudyStage
from services.monitoring.registers.rules import Pupil, SchoolYears, stage_end
from services.monitoring.registers.thresholds import STAGE_YEARS

SCHOOL = SchoolYears(years=STAGE_YEARS, first_month=9, first_age=6)
BORN = date(2012, 3, 1)  # six in March 2018, so at primary school from September 2018 to August 2024
ON = date(2024, 6, 3)
GRADE, ENTRY, AGE = StageEndBasis


@pytest.mark.parametrize(
    ("pupil", "ends_on", "basis"),
    [
        (Pupil(BORN, StudyStage.PRIMARY), date(2024, 8, 31), AGE),
        (Pupil(date(2012, 8, 31), StudyStage.PRIMARY), date(2024, 8, 31), AGE),
        (Pupil(date(2012, 9, 1), StudyStage.PRIMARY), date(2024, 8, 31), AGE),
        (Pupil(date(2012, 9, 2), StudyStage.PRIMARY), date(2025, 8, 31), AGE),
        (Pupil(date(2019, 3, 1), StudyStage.PRESCHOOL), date(2025, 8, 31), AGE),
        (Pupil(date(2010, 3, 1), StudyStage.JUNIOR), date(2025, 8, 31), AGE),
        (Pupil(date(2007, 3, 1), StudyStage.SENIOR), date(2025, 8, 31), AGE),
        (Pupil(date(2007, 3, 1), StudyStage.SECONDARY_VOCATIONAL), date(2025, 8, 31), AGE),
        (Pupil(date(2003, 3, 1), StudyStage.UNDERGRADUATE), date(2025, 8, 31), AGE),
        (Pupil(BORN, StudyStage.JUNIOR, 1, date(2024, 5, 1)), date(2026, 8, 31), GRADE),
        (Pupil(BORN, StudyStage.JUNIOR, 3, date(2023, 9, 1)), date(2024, 8, 31), GRADE),
        (Pupil(BORN, StudyStage.JUNIOR, entered_on=date(2023, 9, 10)), date(2026, 8, 31), ENTRY),
        (Pupil(BORN, StudyStage.JUNIOR, 2, date(2024, 5, 1), date(2023, 9, 10)), date(2025, 8, 31), GRADE),
    ],
)
def test_a_stage_ends_with_its_last_school_year(pupil, ends_on, basis):
    assert stage_end(pupil, SCHOOL, on=ON) == (ends_on, basis)


def test_a_grade_that_nobody_renewed_gives_way_to_the_age_and_an_age_that_is_over_to_nothing():
    stale = Pupil(date(2009, 3, 1), StudyStage.JUNIOR, 3, date(2021, 10, 1))
    assert stage_end(stale, SCHOOL, on=ON) == (date(2024, 8, 31), AGE)
    assert stage_end(stale, SCHOOL, on=date(2024, 8, 31)) == (date(2024, 8, 31), AGE)
    assert stage_end(stale, SCHOOL, on=date(2024, 9, 1)) is None


def test_an_area_with_five_years_of_primary_and_four_of_junior_school_says_so():
    five = replace(SCHOOL, years={**STAGE_YEARS, StudyStage.PRIMARY: 5, StudyStage.JUNIOR: 4})
    assert stage_end(Pupil(date(2013, 3, 1), StudyStage.PRIMARY), five, on=ON) == (date(2024, 8, 31), AGE)
    assert stage_end(Pupil(date(2013, 3, 1), StudyStage.JUNIOR), five, on=ON) == (date(2028, 8, 31), AGE)
