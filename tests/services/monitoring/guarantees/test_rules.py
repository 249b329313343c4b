"""Which answer to a guarantee holds, and what departments' records say of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem
from services.monitoring.guarantees.rules.proposing import (
    HOUSES,
    INSURANCE,
    SCHOOL,
    WATER,
    DepartmentFact,
    proposals,
)
from services.monitoring.guarantees.rules.standing import Check, latest

YES, NO = GuaranteeAnswer.YES, GuaranteeAnswer.NO
FATHER, SON = UUID(int=91), UUID(int=92)


def check(number, item, answer, on, hour=8):
    return Check(UUID(int=number), item, answer, on, "入户核查", datetime(2024, 6, 3, hour, tzinfo=UTC))


def test_the_latest_check_of_a_day_or_before_holds_and_what_nobody_checked_is_named():
    checks = [
        check(1, GuaranteeItem.WATER, YES, date(2024, 5, 1)),
        check(2, GuaranteeItem.WATER, NO, date(2024, 6, 1)),
        check(3, GuaranteeItem.HOUSING, NO, date(2024, 6, 1), hour=8),
        check(4, GuaranteeItem.HOUSING, YES, date(2024, 6, 1), hour=9),
    ]
    now = latest(checks, on=date(2024, 6, 3))
    assert now.failed == (GuaranteeItem.WATER,)
    assert now.answers[GuaranteeItem.HOUSING].id == UUID(int=4)
    assert now.missing == (
        GuaranteeItem.FOOD,
        GuaranteeItem.CLOTHING,
        GuaranteeItem.COMPULSORY_EDUCATION,
        GuaranteeItem.BASIC_MEDICAL,
    )
    before = latest(checks, on=date(2024, 5, 31))
    assert (before.failed, before.all_hold, len(before.missing)) == ((), False, 5)


def test_all_hold_only_when_everything_was_checked_and_nothing_is_unsolved():
    whole = [
        check(n, item, GuaranteeAnswer.NOT_APPLICABLE if n == 2 else YES, date(2024, 6, 1))
        for n, item in enumerate(GuaranteeItem)
    ]
    assert latest(whole, on=date(2024, 6, 3)).all_hold
    assert not latest(whole[1:], on=date(2024, 6, 3)).all_hold


def fact(number, dataset, on, person=FATHER, **payload):
    return DepartmentFact(UUID(int=number), dataset, person, on, payload)


def said(*facts, pupils=(SON,), members=(FATHER, SON)):
    made = proposals(facts, members=members, pupils=pupils, year=2024)
    return {one.item: (one.answer, one.fact.id.int) for one in made}


HOUSE = {"house_no": "1", "house_grade": "D", "is_only_house": True}
MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [({}, NO), ({"is_only_house": False}, YES), ({"repaired_on": "2024-05-20"}, YES), ({"house_grade": "B"}, YES)],
)
def test_a_sole_house_of_grade_c_or_d_that_nobody_repaired_is_unsafe(changes, answer):
    assert said(fact(1, HOUSES, MAY, **HOUSE | changes)) == {GuaranteeItem.HOUSING: (answer, 1)}


def test_the_latest_appraisal_of_a_house_counts():
    repaired = fact(2, HOUSES, JUNE, **HOUSE | {"house_grade": "A"})
    assert said(repaired, fact(1, HOUSES, MAY, **HOUSE)) == {GuaranteeItem.HOUSING: (YES, 2)}


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ({"water_quality": "fail"}, NO),
        ({"water_quality": "pass"}, YES),
        ({"days_off": 12}, NO),
        ({"days_off": 12, "restored_on": "2024-05-20"}, YES),
    ],
)
def test_water_fails_by_its_quality_or_while_it_is_cut_off(payload, answer):
    assert said(fact(1, WATER, MAY, **payload)) == {GuaranteeItem.WATER: (answer, 1)}


def insured(number, person, status, year=2024):
    return fact(number, INSURANCE, MAY, person, insured_year=year, insurance_status=status)


def test_insurance_holds_when_every_member_is_insured_this_year_and_fails_with_one_who_is_not():
    father = insured(1, FATHER, "insured")
    assert said(father, insured(2, SON, "insured_elsewhere")) == {GuaranteeItem.BASIC_MEDICAL: (YES, 2)}
    assert said(father, insured(2, SON, "not_insured")) == {GuaranteeItem.BASIC_MEDICAL: (NO, 2)}
    assert said(father) == {}
    assert said(father, insured(2, SON, "insured", year=2023)) == {}
    assert said(father, insured(2, UUID(int=99), "not_insured")) == {}


def test_a_pupil_who_dropped_out_fails_and_one_exempt_for_health_does_not():
    assert said(fact(1, SCHOOL, MAY, SON, school_status="dropped_out")) == {GuaranteeItem.COMPULSORY_EDUCATION: (NO, 1)}
    assert said(fact(1, SCHOOL, MAY, SON, school_status="exempt_medical")) == {
        GuaranteeItem.COMPULSORY_EDUCATION: (YES, 1)
    }
    assert said(fact(1, SCHOOL, MAY, SON, school_status="dropped_out"), pupils=()) == {}
