"""What is not in the table is refused, for every state and action; what an area's order changes is the line alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations, product

import pytest

from chassis.security.scope import Role
from services.monitoring.cases.rules.guards import return_faults, transition_faults
from services.monitoring.cases.rules.plan import Plan, PlanRefused, Step, read_plan
from services.monitoring.cases.rules.states import AMENDABLE, BEFORE_REGISTER, ENDED, OPEN
from services.monitoring.cases.rules.transitions import find, returnable, table
from services.monitoring.codes.cases import CaseAction as A
from services.monitoring.codes.cases import CaseState as S
from tests.services.monitoring.cases.rules.plans import DEFAULT
from tests.services.monitoring.cases.two_plans import OTHER_PLAN

PLANS = (DEFAULT, read_plan(OTHER_PLAN), read_plan([item for item in DEFAULT.written() if item != "compared 1"]))
BY_HAND = {
    (S.CLUE, A.REDISPATCH): S.DISPATCHED,
    (S.DISPATCHED, A.MISROUTE): S.CLUE,
    (S.DISPATCHED, A.RECORD_VERIFICATION): S.DISPATCHED,
    (S.DISPATCHED, A.CONFIRM): S.VERIFIED,
    (S.DISPATCHED, A.NOT_CONFIRM): S.NOT_CONFIRMED,
    (S.VERIFIED, A.COMPARE): S.COMPARED,
    (S.COMPARED, A.REVIEW): S.VILLAGE_REVIEWED,
    (S.COMPARED, A.REJECT_V): S.REJECTED_V,
    (S.VILLAGE_REVIEWED, A.PUBLISH): S.PUBLICITY,
    (S.PUBLICITY, A.PASS): S.PASSED,
    (S.PUBLICITY, A.PUBLISH_ANEW): S.PUBLICITY,
    (S.PUBLICITY, A.OBJECT): S.OBJECTED,
    (S.OBJECTED, A.UPHOLD): S.DISPATCHED,
    (S.OBJECTED, A.DISMISS_OBJECTION): S.PUBLICITY,
    (S.PASSED, A.APPROVE_T): S.TOWN_OK,
    (S.PASSED, A.RETURN_T): S.RETURNED_T,
    (S.TOWN_OK, A.APPROVE_C): S.COUNTY_OK,
    (S.TOWN_OK, A.RETURN_C): S.RETURNED_C,
    (S.TOWN_OK, A.REJECT_C): S.REJECTED_C,
    (S.RETURNED_T, A.RESUME): None,
    (S.RETURNED_C, A.RESUME): None,
    (S.COUNTY_OK, A.REGISTER): S.REGISTERED,
    (S.REGISTERED, A.START_MEASURES): S.MEASURES_ACTIVE,
    (S.MEASURES_ACTIVE, A.ELIM_PROPOSE): S.ELIM_PROPOSED,
    (S.ELIM_PROPOSED, A.ELIM_VERIFY): S.ELIM_VERIFIED,
    (S.ELIM_VERIFIED, A.ELIM_REVIEW): S.ELIM_REVIEWED,
    (S.ELIM_REVIEWED, A.ELIM_PUBLISH): S.ELIM_PUBLICITY,
    (S.ELIM_PUBLICITY, A.ELIM_APPROVE_T): S.ELIM_TOWN,
    (S.ELIM_TOWN, A.ELIM_APPROVE_C): S.ELIM_COUNTY,
    (S.ELIM_COUNTY, A.ELIMINATE): S.ELIMINATED,
    (S.ELIMINATED, A.START_FOLLOW_UP): S.FOLLOW_UP,
    (S.ELIM_PROPOSED, A.RECORD_VERIFICATION): S.ELIM_PROPOSED,
    (S.ELIM_PROPOSED, A.NOT_CONFIRM): S.MEASURES_ACTIVE,
    (S.ELIM_VERIFIED, A.COMPARE): S.ELIM_VERIFIED,
    (S.ELIM_VERIFIED, A.REJECT_V): S.MEASURES_ACTIVE,
    (S.ELIM_PUBLICITY, A.PUBLISH_ANEW): S.ELIM_PUBLICITY,
    (S.ELIM_PUBLICITY, A.OBJECT): S.ELIM_PUBLICITY,
    (S.ELIM_PUBLICITY, A.UPHOLD): S.MEASURES_ACTIVE,
    (S.ELIM_PUBLICITY, A.DISMISS_OBJECTION): S.ELIM_PUBLICITY,
    **{(state, A.TAKE_OVER): None for state in (S.MEASURES_ACTIVE, S.ELIMINATED, S.FOLLOW_UP)},
    (S.ELIMINATED, A.DISPATCH): S.ELIMINATED,
    (S.FOLLOW_UP, A.DISPATCH): S.FOLLOW_UP,
    **{(state, A.ELIM_RETURN): S.MEASURES_ACTIVE for state in S if state.value.startswith("elim_")},
    **{(state, A.DECLINE): S.DECLINED for state in BEFORE_REGISTER},
    **{(state, action): state for state in BEFORE_REGISTER for action in (A.MARK_URGENT, A.HELP_URGENTLY)},
    **{(state, A.AMEND): state for state in AMENDABLE},
    **{(state, A.REMOVE): S.REMOVED for state in AMENDABLE},
    **{(state, A.END_NATURALLY): S.NATURAL_END for state in OPEN},
    **{(state, action): state for state in OPEN for action in (A.JOIN, A.MOVE, A.CHANGE_HOUSEHOLD)},
    (S.ELIMINATED, A.MERGE): S.NATURAL_END,
    (S.FOLLOW_UP, A.MERGE): S.NATURAL_END,
    (S.ELIMINATED, A.CHANGE_HOUSEHOLD): S.ELIMINATED,
    (S.FOLLOW_UP, A.CHANGE_HOUSEHOLD): S.FOLLOW_UP,
}
"""The table of clause B8 and its further transitions, written out once more by hand."""


COMES_BY = {
    Step.VERIFIED: {A.CONFIRM, A.NOT_CONFIRM},
    Step.COMPARED: {A.COMPARE},
    Step.VILLAGE_REVIEWED: {A.REVIEW, A.REJECT_V},
    Step.PUBLICITY: {A.PUBLISH},
    Step.PASSED: {A.PASS},
    Step.TOWN_OK: {A.APPROVE_T, A.RETURN_T},
    Step.COUNTY_OK: {A.APPROVE_C, A.RETURN_C, A.REJECT_C},
    Step.REGISTERED: {A.REGISTER},
}
"""What a case that waits for a step may be done, written out by hand."""


def line_of(plan: Plan) -> set[tuple[S, A]]:
    """The main line that an area's order makes; a step is named by the state that it reaches."""
    pairs = list(pairwise(plan.line))
    made = {(S(before.value), action) for before, step in pairs for action in COMES_BY[step]}
    for host in plan.beside().values():
        later = plan.line[plan.line.index(host) : -1]
        made |= {(S(before.value), A.COMPARE) for before, step in pairs if step in later}
    return made


def every_order() -> Iterator[Plan]:
    """Every plan that an area may have: whatever order is not refused, with the comparison anywhere or nowhere."""
    for compared in ("compared 0", "", *(f"compared beside {step.value}" for step in Step)):
        between = [step for step in Step if step is not Step.COMPARED][1:-2]
        for middle in permutations([*(f"{step.value} 0" for step in between), *([compared] if compared else [])]):
            try:
                yield read_plan(["limit 15 calendar", "dispatched 0", *middle, "county_ok 0", "registered 0"])
            except PlanRefused:
                continue


def test_the_default_table_is_the_one_of_the_domain():
    made = {(one.source, one.action): one.target for one in table(DEFAULT) if one.source is not None}
    assert made == BY_HAND
    beginning = [find(DEFAULT, None, action) for action in (A.DISPATCH, A.TAKE_OVER)]
    assert [one for one in table(DEFAULT) if one.source is None] == beginning


@pytest.mark.parametrize("plan", PLANS, ids=["default", "other order", "without comparison"])
def test_every_pair_outside_the_table_is_refused_and_says_where_it_is_open(plan):
    listed = {(one.source, one.action) for one in table(plan)}
    pairs = set(product(S, A)) - listed
    assert pairs
    for state, action in pairs:
        [refused] = transition_faults(plan, state, action, Role.COUNTY_OFFICER, "/cases/0")
        assert (refused.code, refused.pointer) == ("not_in_this_state", "/cases/0")
        assert state.label in refused.message.zh


def test_whatever_an_area_orders_every_pair_outside_its_own_table_is_refused():
    fixed = set(BY_HAND) - line_of(DEFAULT)
    orders = {plan.steps: plan for plan in every_order()}
    assert DEFAULT.line in {plan.line for plan in orders.values()}
    assert len({plan.line for plan in orders.values()}) > 5, "towns before or after the publicity, compared anywhere"
    for plan in orders.values():
        assert {(one.source, one.action) for one in table(plan) if one.source} == fixed | line_of(plan), plan.written()
    for plan in {plan.line: plan for plan in orders.values()}.values():
        for state, action in set(product(S, A)) - fixed - line_of(plan):
            [refused] = transition_faults(plan, state, action, Role.COUNTY_OFFICER, "")
            assert refused.code == "not_in_this_state", (state, action, plan.written())


@pytest.mark.parametrize("plan", PLANS, ids=["default", "other order", "without comparison"])
def test_no_pair_stands_in_the_table_twice_and_nothing_leaves_an_end_but_what_may(plan):
    pairs = [(one.source, one.action) for one in table(plan)]
    assert len(pairs) == len(set(pairs))
    leaving = {one.source for one in table(plan) if one.source in ENDED}
    assert leaving == {S.ELIMINATED, S.FOLLOW_UP}


@pytest.mark.parametrize("role", [Role.VILLAGE_CADRE, Role.GRID_WORKER])
def test_a_village_approves_nothing(role):
    deciding = {A.APPROVE_T, A.RETURN_T, A.APPROVE_C, A.RETURN_C, A.REJECT_C, A.ELIM_APPROVE_T, A.ELIM_APPROVE_C,
                A.ELIMINATE, A.AMEND, A.REMOVE, A.UPHOLD, A.DISMISS_OBJECTION, A.MARK_URGENT}  # fmt: skip
    for one in table(DEFAULT):
        if one.action in deciding and one.source is not None:
            [refused] = transition_faults(DEFAULT, one.source, one.action, role, "")
            assert refused.code == "village_cannot_approve"


def test_a_town_does_not_decide_for_the_county():
    [refused] = transition_faults(DEFAULT, S.TOWN_OK, A.APPROVE_C, Role.TOWN_OFFICER, "")
    assert refused.code == "level_above"


def test_a_return_names_a_state_that_lies_behind():
    assert returnable(DEFAULT, S.PASSED) == (
        S.DISPATCHED, S.VERIFIED, S.COMPARED, S.VILLAGE_REVIEWED, S.PUBLICITY,
    )  # fmt: skip
    assert return_faults(DEFAULT, S.PASSED, S.DISPATCHED, "") == []
    for named in (None, S.PASSED, S.REGISTERED, S.DECLINED):
        assert [one.code for one in return_faults(DEFAULT, S.PASSED, named, "")] == ["return_to_unknown"]


def test_what_runs_beside_may_be_done_until_the_county_has_decided():
    beside = PLANS[1]
    done = [state for state in S if (found := find(beside, state, A.COMPARE)) and found.target is state]
    assert done == [
        S.DISPATCHED, S.VERIFIED, S.VILLAGE_REVIEWED, S.PUBLICITY, S.PASSED, S.TOWN_OK, S.ELIM_VERIFIED,
    ]  # fmt: skip
    assert find(PLANS[2], S.VERIFIED, A.REVIEW) is not None
