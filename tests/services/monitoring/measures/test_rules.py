"""What a scheme asks of a measure, and whether help came before the event or after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.monitoring.codes.measures import INSURANCES, MeasureEnd, MeasureScheme, MeasureTiming
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.work_and_school import SchoolStage
from services.monitoring.measures.rules import course
from services.monitoring.measures.rules.schemes import Beneficiary, Limits, Proposed, Span, refusals_of_scheme

LIMITS = Limits(
    credit_fen=50_000_00,
    credit_extended_fen=100_000_00,
    credit_months=36,
    credit_age_min=18,
    credit_age_max=65,
    subsidy_percent=70,
    yulu_year_fen=3_000_00,
    yulu_term_fen=1_500_00,
    insurances=[kind.value for kind in INSURANCES],
)
START = date(2024, 6, 3)
DASHAN = Beneficiary(born=date(1974, 3, 12), school_stage=None)
CREDIT = Proposed(
    scheme=MeasureScheme.MICRO_CREDIT,
    kind=MeasureKind.FINANCE,
    started_on=START,
    planned_end_on=date(2027, 6, 3),
    amount_fen=50_000_00,
    person=DASHAN,
    subsidy_percent=70,
)
SON = Beneficiary(born=date(2006, 9, 18), school_stage=SchoolStage.VOCATIONAL_2)
YULU = Proposed(
    scheme=MeasureScheme.YULU,
    kind=MeasureKind.OTHER_EDUCATION,
    started_on=START,
    amount_fen=3_000_00,
    person=SON,
    span=Span.SCHOOL_YEAR,
)


def refused(measure, **changes):
    limits = {
        name: changes.pop(name)
        for name in list(changes)
        if name in Limits.__dataclass_fields__ and name != "subsidy_percent"
    }
    faults = refusals_of_scheme(replace(measure, **changes), replace(LIMITS, **limits))
    assert all(fault.message.zh and fault.message.en for fault in faults)
    return [(fault.pointer, fault.code) for fault in faults]


def test_a_credit_and_a_school_years_aid_within_every_limit_pass():
    assert refused(CREDIT) == []
    assert refused(YULU) == []
    assert refused(YULU, span=Span.TERM, amount_fen=1_500_00) == []
    assert refused(YULU, span=Span.TERM, amount_fen=1_500_00, given_fen=1_500_00) == []
    assert refused(YULU, given_fen=1) == [("/amount", "yulu_amount")]
    assert refused(CREDIT, given_fen=50_000_00) == [("/amount", "credit_amount")]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": MeasureKind.INDUSTRY}, ("/kind", "scheme_kind")),
        ({"amount_fen": 50_000_01}, ("/amount", "credit_amount")),
        ({"amount_fen": None}, ("/amount", "credit_amount")),
        ({"planned_end_on": date(2027, 6, 4)}, ("/planned_end_on", "credit_term")),
        ({"planned_end_on": None}, ("/planned_end_on", "credit_term")),
        ({"person": None}, ("/person_id", "person_missing")),
        ({"person": replace(DASHAN, born=date(2006, 6, 4))}, ("/person_id", "credit_age")),
        ({"person": replace(DASHAN, born=date(1958, 6, 3))}, ("/person_id", "credit_age")),
        ({"is_for_production": False}, ("/terms", "credit_use")),
        ({"is_guaranteed": True}, ("/terms", "credit_guarantee")),
        ({"is_own_use": False}, ("/terms", "credit_own_use")),
        ({"subsidy_percent": 71}, ("/terms", "credit_subsidy")),
        ({"is_extension": True}, ("/terms", "credit_subsidy")),
    ],
)
def test_each_condition_of_a_credit_fails_alone(changes, fault):
    assert refused(CREDIT, **changes) == [fault]


@pytest.mark.parametrize("born", [date(2006, 6, 3), date(1958, 6, 4)])
def test_a_borrower_may_be_18_and_still_65(born):
    assert refused(CREDIT, person=replace(DASHAN, born=born)) == []


def test_an_extension_without_subsidy_may_be_twice_as_large():
    assert refused(CREDIT, is_extension=True, subsidy_percent=None, amount_fen=100_000_00) == []
    wrong = refused(CREDIT, is_extension=True, subsidy_percent=None, amount_fen=100_000_01)
    assert wrong == [("/amount", "credit_amount")]


def test_where_no_share_is_set_a_credit_is_not_subsidised():
    unset = replace(LIMITS, subsidy_percent=None)
    assert [fault.code for fault in refusals_of_scheme(CREDIT, unset)] == ["credit_subsidy"]
    assert refusals_of_scheme(replace(CREDIT, subsidy_percent=0), unset) == []


def test_all_conditions_that_fail_are_named_at_once():
    assert {
        code for _, code in refused(CREDIT, amount_fen=0, planned_end_on=None, person=None, subsidy_percent=90)
    } == {
        "credit_amount",
        "credit_term",
        "person_missing",
        "credit_subsidy",
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"person": replace(SON, school_stage=SchoolStage.SENIOR_HIGH_1)}, ("/person_id", "yulu_stage")),
        ({"person": None}, ("/person_id", "person_missing")),
        ({"amount_fen": 3_000_01}, ("/amount", "yulu_amount")),
        ({"span": Span.TERM}, ("/amount", "yulu_amount")),
        ({"span": None}, ("/terms", "yulu_span")),
        ({"is_full_time": False}, ("/terms", "yulu_full_time")),
        ({"kind": MeasureKind.SOCIAL}, ("/kind", "scheme_kind")),
    ],
)
def test_each_condition_of_a_students_aid_fails_alone(changes, fault):
    assert refused(YULU, **changes) == [fault]


def test_an_insurance_is_taken_where_the_area_offers_it():
    house = Proposed(scheme=MeasureScheme.INSURANCE_HOUSE, kind=MeasureKind.COMPREHENSIVE_SECURITY, started_on=START)
    assert refused(house) == []
    assert refused(house, insurances=["insurance_tuition"]) == [("/scheme", "insurance_not_offered")]


def test_help_is_preventive_until_the_household_is_hit_and_again_after_it_is_eliminated():
    clue = course.Span(date(2024, 6, 3), date(2025, 7, 18))
    registered = course.Span(date(2024, 6, 17), date(2025, 7, 18))

    def timing(day, **case):
        return course.timing_of(day, [clue, registered], has_case=case.get("has_case", False))

    assert timing(date(2024, 6, 2)) is MeasureTiming.PREVENTIVE
    assert timing(date(2024, 6, 3)) is MeasureTiming.AFTER_EVENT
    assert timing(date(2025, 7, 17)) is MeasureTiming.AFTER_EVENT
    assert timing(date(2025, 7, 18)) is MeasureTiming.PREVENTIVE
    assert timing(date(2025, 7, 18), has_case=True) is MeasureTiming.AFTER_EVENT


def test_an_end_lies_between_start_and_today_and_other_needs_a_note():
    today = date(2024, 7, 1)
    assert course.refusals_of_end(today, MeasureEnd.COMPLETED, None, started_on=START, today=today) == []
    ahead = course.refusals_of_end(date(2024, 7, 2), MeasureEnd.OTHER, " ", started_on=START, today=today)
    assert [fault.code for fault in ahead] == ["end_after_today", "note_missing"]
    before = course.refusals_of_end(date(2024, 6, 2), MeasureEnd.LEFT, None, started_on=START, today=today)
    assert [fault.code for fault in before] == ["end_before_start"]
