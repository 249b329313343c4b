"""A plan gives the dues of clause G, is refused where it cannot be kept, and another area's is another row."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.calendar.published import published_calendar
from chassis.calendar.rules import Calendar
from chassis.security.scope import Level
from services.monitoring.cases.parameters import DEFINITIONS, ESCALATION, PLAN
from services.monitoring.cases.rules.clock import (
    Alarm,
    escalated_to,
    escalation_fault,
    holder_on,
    read_escalation,
    timeliness,
    waiting_for,
)
from services.monitoring.cases.rules.plan import PlanRefused, Step, dues_of, plan_fault, read_plan
from services.monitoring.codes.cases import CaseState, Holder, Timeliness
from tests.services.monitoring.cases.rules.plans import DEFAULT
from tests.services.monitoring.cases.two_plans import OTHER_PLAN

DAY_0 = date(2024, 6, 3)


def test_the_default_plan_gives_the_dues_of_the_acceptance_village():
    days = {step: (due - DAY_0).days for step, due in dues_of(DEFAULT, DAY_0, Calendar()).items()}
    assert days == {
        Step.DISPATCHED: 1,
        Step.VERIFIED: 3,
        Step.COMPARED: 4,
        Step.VILLAGE_REVIEWED: 5,
        Step.PUBLICITY: 10,
        Step.PASSED: 11,
        Step.TOWN_OK: 12,
        Step.COUNTY_OK: 15,
        Step.REGISTERED: 15,
    }


def test_a_shorter_plan_leaves_its_slack_to_the_first_step():
    items = [item if item != "county_ok 3" else "county_ok 1" for item in DEFAULT.written()]
    dues = dues_of(read_plan(items), DAY_0, Calendar())
    assert ((dues[Step.DISPATCHED] - DAY_0).days, (dues[Step.REGISTERED] - DAY_0).days) == (3, 15)


def test_another_area_counts_working_days_in_an_order_of_its_own():
    dues = dues_of(read_plan(OTHER_PLAN), DAY_0, published_calendar())
    # 2024-06-10 is the Dragon Boat Festival.
    assert dues[Step.REGISTERED] == date(2024, 7, 2)
    assert dues[Step.COMPARED] == dues[Step.VERIFIED]
    assert list(dues).index(Step.TOWN_OK) < list(dues).index(Step.PUBLICITY)


def test_a_plan_is_written_as_it_is_read():
    assert (DEFAULT.written(), read_plan(OTHER_PLAN).written()) == (
        next(one for one in DEFINITIONS if one.key == PLAN).defaults[0].value,
        OTHER_PLAN,
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("county_ok 3", "county_ok 4"), "16 days"),
        (("limit 15 calendar", "15 days"), "limit"),
        (("limit 15 calendar", "limit 15 lunar"), "limit"),
        (("verified 2", "verified two"), "reads"),
        (("verified 2", "compared 2"), "once"),
        (("passed 1", "passed beside publicity"), "beside"),
        (("compared 1", "compared beside registered"), "beside"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(change, told):
    items = [change[1] if item == change[0] else item for item in DEFAULT.written()]
    assert told in (plan_fault(items) or ("", "")).en
    with pytest.raises(PlanRefused):
        read_plan(items)


@pytest.mark.parametrize(
    ("one", "other"), [(2, 4), (5, 6), (1, 2), (8, 9), (6, 7)], ids=["reviewed", "passed", "first", "last", "between"]
)
def test_no_area_turns_the_order_round_that_all_keep(one, other):
    items = DEFAULT.written()
    items[one], items[other] = items[other], items[one]
    assert "order" in (plan_fault(items) or ("", "")).en


def test_the_clock_names_who_holds_the_step():
    dues = dues_of(DEFAULT, DAY_0, Calendar())
    held = {state: waiting_for(DEFAULT, state, dues) for state in CaseState}
    assert {state: waiting.holder for state, waiting in held.items() if waiting is not None} == {
        CaseState.CLUE: Holder.COUNTY,
        CaseState.DISPATCHED: Holder.VILLAGE,
        CaseState.VERIFIED: Holder.DEPARTMENT,
        CaseState.COMPARED: Holder.VILLAGE,
        CaseState.VILLAGE_REVIEWED: Holder.VILLAGE,
        CaseState.PUBLICITY: Holder.VILLAGE,
        CaseState.OBJECTED: Holder.TOWN,
        CaseState.PASSED: Holder.TOWN,
        CaseState.TOWN_OK: Holder.COUNTY,
        CaseState.RETURNED_T: Holder.VILLAGE,
        CaseState.COUNTY_OK: Holder.VILLAGE,
        CaseState.RETURNED_C: Holder.TOWN,
    }


def test_a_list_is_due_to_hang_so_early_that_its_days_are_over_by_their_due():
    waiting = waiting_for(DEFAULT, CaseState.VILLAGE_REVIEWED, dues_of(DEFAULT, DAY_0, Calendar()))
    assert waiting is not None
    assert (waiting.step, waiting.due_on) == (Step.PUBLICITY, date(2024, 6, 9))


def test_a_silent_departments_step_goes_to_the_county_after_its_due():
    due = dues_of(DEFAULT, DAY_0, Calendar())[Step.COMPARED]
    assert holder_on(Holder.DEPARTMENT, due, due) is Holder.DEPARTMENT
    assert holder_on(Holder.DEPARTMENT, due, date(2024, 6, 8)) is Holder.COUNTY
    assert holder_on(Holder.VILLAGE, due, date(2024, 6, 8)) is Holder.VILLAGE
    assert holder_on(Holder.VILLAGE, due, due, is_left=True) is Holder.COUNTY


def test_near_and_late_are_the_areas_own():
    alarm = Alarm(near_days=2, escalates=read_escalation(["town 1", "county 3"]))
    due = date(2024, 6, 10)
    told = [timeliness(due, date(2024, 6, day), alarm) for day in (8, 9, 10, 11)]
    assert told == [Timeliness.ON_TIME, Timeliness.NEAR, Timeliness.NEAR, Timeliness.LATE]
    assert [escalated_to(due, date(2024, 6, day), alarm) for day in (10, 11, 13)] == [None, Level.TOWN, Level.COUNTY]
    assert escalation_fault(["village 0"]) is not None
    assert escalation_fault(next(one for one in DEFINITIONS if one.key == ESCALATION).defaults[0].value) is None
