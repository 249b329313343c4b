"""Lines in force; the figures are those of the acceptance scenario."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.monitoring.codes.monitoring import ClassificationBasis, Rule60
from services.monitoring.lines.rules import (
    BaseLine,
    LineMissing,
    county_line_fen,
    effective_line,
)
from tests.services.monitoring.lines.given import BASE, INCOMES, JUNE, SETTING, YUNLING, line_on


def test_the_lines_of_2024_and_2025_are_the_countys():
    line = line_on(JUNE)
    assert (line.line_fen, line.base_fen, line.county_fen) == (7_920_00, 7_500_00, 7_920_00)
    assert line.basis is ClassificationBasis.COUNTY_60
    assert line.sources == ("省 2024", "县 60%", "县 2023")
    assert line.row_ids == (UUID(int=1), UUID(int=5), UUID(int=3))
    assert line_on(date(2025, 7, 18)).line_fen == 8_580_00


@pytest.mark.parametrize("mode", [Rule60.OFF, Rule60.WATCH])
def test_without_registering_the_provinces_line_decides(mode):
    line = line_on(JUNE, mode)
    assert (line.line_fen, line.basis) == (7_500_00, ClassificationBasis.PROVINCE_LINE)
    assert line.county_fen == (None if mode is Rule60.OFF else 7_920_00)


def test_a_lower_county_line_does_not_lower_the_line():
    poor = [replace(INCOMES[0], per_capita_fen=12_000_00)]
    line = effective_line(county=YUNLING, on=JUNE, base_lines=BASE, incomes=poor, settings=[SETTING])
    assert (line.line_fen, line.county_fen) == (7_500_00, 7_200_00)
    assert line.basis is ClassificationBasis.PROVINCE_LINE


def test_a_countys_own_higher_line_decides():
    own = BaseLine(UUID(int=6), YUNLING, 7_800_00, date(2024, 3, 14), None, "县 2024")
    line = effective_line(county=YUNLING, on=JUNE, base_lines=[*BASE, own])
    assert (line.line_fen, line.sources, line.rule_60) == (7_800_00, ("县 2024",), Rule60.OFF)
    before = effective_line(county=YUNLING, on=date(2024, 3, 13), base_lines=[*BASE, own])
    assert before.line_fen == 7_500_00
    neighbour = effective_line(county=610998000000, on=JUNE, base_lines=[*BASE, own])
    assert neighbour.line_fen == 7_500_00


def test_a_countys_own_lower_line_takes_nobody_out_of_the_provinces_range():
    own = BaseLine(UUID(int=6), YUNLING, 7_000_00, date(2024, 3, 14), None, "县 2024")
    line = effective_line(county=YUNLING, on=JUNE, base_lines=[own, *BASE])
    assert (line.line_fen, line.base_fen, line.sources) == (7_500_00, 7_500_00, ("省 2024",))
    same = effective_line(county=YUNLING, on=JUNE, base_lines=[replace(own, amount_fen=7_500_00), *BASE])
    assert same.sources == ("省 2024",)
    alone = effective_line(county=610888000000, on=JUNE, base_lines=[replace(own, region=610888000000)])
    assert alone.line_fen == 7_000_00


def test_everything_that_is_missing_is_named():
    with pytest.raises(LineMissing) as refused:
        effective_line(county=YUNLING, on=date(2023, 12, 31), base_lines=BASE, incomes=INCOMES, settings=[SETTING])
    assert [fault.code for fault in refused.value.faults] == ["base_line_missing", "county_income_missing"]


def test_a_missing_county_figure_does_not_stop_a_county_that_does_not_use_it():
    line = effective_line(county=YUNLING, on=JUNE, base_lines=BASE, settings=[replace(SETTING, mode=Rule60.OFF)])
    assert line.line_fen == 7_500_00


def test_a_line_is_asked_for_a_county():
    with pytest.raises(ValueError, match="county"):
        effective_line(county=610999101000, on=JUNE, base_lines=BASE)


@pytest.mark.parametrize(("per_capita", "fen"), [(13_200_00, 7_920_00), (1_320_137, 792_082), (1_320_139, 792_083)])
def test_the_countys_share_is_rounded_to_whole_fen(per_capita, fen):
    assert county_line_fen(per_capita, percent=60) == fen
