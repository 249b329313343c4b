"""What people get already may be asked for: their class of low income and a Yulu grant, as facts of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.monitoring.entitlements.seeding import load_policies, policy_numbers
from services.monitoring.screening.engine import run

TODAY = date(2024, 6, 3)


def matched(county, numbers, expression, policy="E-OLD-AGE"):
    """The cases for which a condition over persons holds; None keeps a policy's own."""
    [rule] = [one for one in load_policies() if one.id == policy]
    if expression is not None:
        rule = replace(rule, expression=expression, parameters=())
    own = {one.key: one.defaults[0].value for one in policy_numbers("")}
    batches = run(county.snapshot(), [rule], numbers | own, TODAY)
    return {county._cases[hit["household_id"]] for batch in batches for hit in batch.to_pylist()}


def of_class(county, case, *classes, since=date(2024, 1, 1), until=None):
    someone = county.one(case)
    for one in classes:
        county.row("low_income_spells", person_id=someone, low_income_class=one, holds_from=since, holds_to=until)
    return someone


def test_a_class_of_low_income_holds_on_its_days_and_the_first_of_several_counts(county, numbers):
    of_class(county, "on allowance", "subsistence")
    of_class(county, "both", "expenditure", "subsistence")
    of_class(county, "destitute", "emergency", "destitute")
    of_class(county, "until today", "marginal", until=TODAY)
    of_class(county, "until yesterday", "subsistence", until=date(2024, 6, 2))
    of_class(county, "from tomorrow", "subsistence", since=date(2024, 6, 4))
    county.one("of none")
    assert matched(county, numbers, "low_income_class = 'subsistence'") == {"on allowance", "both"}
    assert matched(county, numbers, "is_destitute") == {"destitute"}
    assert matched(county, numbers, "low_income_class = 'marginal'") == {"until today"}
    assert matched(county, numbers, "low_income_class = 'none'") == {"until yesterday", "from tomorrow", "of none"}


def test_a_yulu_grant_is_known_for_its_days(county, numbers):
    def grant(case, since, until):
        county.row("yulu_grants", person_id=county.one(case), holds_from=since, holds_to=until)

    grant("this school year", date(2023, 10, 1), date(2024, 8, 31))
    grant("a measure that runs", date(2024, 1, 1), None)
    grant("last school year", date(2022, 10, 1), date(2023, 8, 31))
    county.one("never")
    assert matched(county, numbers, "gets_yulu") == {"this school year", "a measure that runs"}
    assert matched(county, numbers, "NOT gets_yulu") == {"last school year", "never"}


def test_a_living_allowance_is_due_to_the_disabled_within_the_subsistence_allowance(county, numbers):
    of_class(county, "able", "subsistence")
    for case, classes in (("due", ["subsistence"]), ("marginal", ["marginal"]), ("of no class", [])):
        someone = of_class(county, case, *classes)
        county.record("record_disability", someone, date(2023, 5, 1), disability_level=4)
    assert matched(county, numbers, None, "E-DISABILITY-LIVING") == {"due"}
