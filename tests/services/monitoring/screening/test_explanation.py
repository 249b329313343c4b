"""A hit explains itself: values, bounds, distances, sentences, and the smallest change in 元."""

from __future__ import annotations

from services.monitoring.screening.catalogue import bind
from services.monitoring.screening.language.change import smallest_change
from services.monitoring.screening.language.explain import comparisons
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Grain


def explained(catalogue, numbers, rule_id, inputs):
    ((bound),) = bind([catalogue[rule_id]], VOCABULARY, numbers)
    terms = VOCABULARY.of(bound.condition.grain)
    tree = bound.condition.tree
    assert bound.condition.fires(inputs)
    return comparisons(tree, inputs, terms), smallest_change(tree, inputs, terms)


def test_the_sample_households_illness_is_explained_to_the_yuan(catalogue, numbers):
    inputs = {"is_lifted": True, "person_is_lifted": True, "is_monitored": False, "year_self_pay_fen": 2_000_000}
    told, changes = explained(catalogue, numbers, "R01", inputs)
    amount = next(one for one in told if one.column == "year_self_pay_fen")
    assert (amount.value, amount.operator, amount.threshold, amount.distance) == (2_000_000, ">=", 500_000, 1_500_000)
    assert amount.satisfied is True
    assert amount.sentence.zh == "本年累计合规自付为 20000.00 元；条件：达到或超过 5000.00 元"
    assert [(one.column, one.satisfied) for one in told[:3]] == [
        ("is_lifted", True), ("person_is_lifted", True), ("is_monitored", False)
    ]  # fmt: skip
    (change,) = changes
    assert (change.column, change.new, change.difference) == ("year_self_pay_fen", 499_999, -1_500_001)
    assert change.sentence.zh == "若本年累计合规自付为 4999.99 元（现为 20000.00 元，少 15000.01 元），则不触发"


def test_a_bound_on_the_whole_household_is_told_in_its_own_unit(catalogue, numbers):
    inputs = {"rolling_net_fen": 4_000_000, "line_fen": 792_000, "rolling_members": 5, "rolling_ref_fen": 2_000_000}
    told, changes = explained(catalogue, numbers, "R22", inputs)
    assert [(one.column, one.threshold, one.distance) for one in told] == [
        ("rolling_net_fen", 3_960_000, 40_000), ("rolling_ref_fen", 3_960_000, -1_960_000)
    ]  # fmt: skip
    (change,) = changes
    # 40,000.01 of 4,000,000 is less in proportion than 80.01 of the line's 7,920
    assert (change.column, change.new) == ("rolling_net_fen", 3_959_999)


def test_a_percentage_is_told_as_an_amount(catalogue, numbers):
    inputs = {"wage_previous_12m_fen": 3_000_000, "wage_12m_fen": 2_000_000, "wage_months_ago": 1}
    told, changes = explained(catalogue, numbers, "R16", inputs)
    assert (told[1].column, told[1].operator, told[1].threshold) == ("wage_12m_fen", "<=", 2_100_000)
    (change,) = changes
    assert (change.column, change.new, change.difference) == ("wage_previous_12m_fen", 2_857_142, -142_858)


def test_every_branch_that_holds_is_turned(catalogue, numbers):
    inputs = {"water_days_off": 40, "water_quality": "fail", "event_months_ago": 12}
    _, changes = explained(catalogue, numbers, "R12", inputs)
    assert [(change.column, change.new) for change in changes] == [("event_months_ago", 13)]
    inputs = {"water_days_off": 31, "water_quality": "fail", "event_months_ago": 0}
    _, changes = explained(catalogue, numbers, "R12", inputs)
    assert {change.column: change.new for change in changes} == {"water_days_off": 30, "water_quality": "pass"}


def test_a_code_names_the_other_codes_and_the_date_of_the_run_is_the_last_resort(catalogue, numbers):
    inputs = {"school_age_years": 10, "age_years": 11, "school_status": "dropped_out"}
    told, changes = explained(catalogue, numbers, "R08", inputs)
    assert told[2].sentence.zh == "就学状态为 辍学；条件：属于 辍学、查无学籍"
    assert [(change.column, change.new) for change in changes] == [("age_years", 16)]
    inputs = {"not_insured_members": 1, "not_insured_soldiers": 0, "not_insured_newborns": 0, "screening_month": 3}
    _, changes = explained(catalogue, numbers, "R05", inputs)
    (change,) = changes
    assert change.column != "screening_month"


def test_an_unknown_input_is_neither_satisfied_nor_not(catalogue, numbers):
    inputs = {"house_damage": "light", "disaster_loss_fen": None, "event_months_ago": 0}
    told, _ = explained(catalogue, numbers, "R13", inputs)
    loss = next(one for one in told if one.column == "disaster_loss_fen")
    assert (loss.satisfied, loss.distance, loss.sentence.en.split(";")[0]) == (
        None, None, "loss by disaster is unknown"
    )  # fmt: skip
    assert VOCABULARY.of(Grain.RECORD)["disaster_loss_fen"].unit == "fen"
