"""The policies that a release brings along hold together."""

from __future__ import annotations

import sqlglot

from services.monitoring.entitlements.seeding import load_policies, policy_numbers
from services.monitoring.screening.catalogue import bind
from services.monitoring.screening.terms import VOCABULARY
from tests.services.monitoring.screening.published import published_numbers


def test_every_policy_binds_and_no_number_stands_in_its_condition():
    own = {one.key: one.defaults[0].value for one in policy_numbers("")}
    bound = bind(load_policies(), VOCABULARY, {**published_numbers(), **own})
    assert {name for one in bound for name in one.condition.thresholds} >= own.keys()
    for one in bound:
        literals = sqlglot.parse_one(one.rule.expression).find_all(sqlglot.exp.Literal)
        assert [literal for literal in literals if not literal.is_string] == [], one.rule.id


def test_every_policy_is_owed_by_one_department_and_shows_by_what_it_is_received():
    for policy in load_policies():
        assert policy.policy is not None
        assert policy.policy["department"]
        assert policy.policy["received"]
        assert policy.growing is None
