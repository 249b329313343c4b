"""Screening fails closed: whatever is not on the allow-list is refused, with the reason."""

from __future__ import annotations

import pytest

from services.monitoring.screening.language.refusals import RuleRefused
from services.monitoring.screening.language.rule import parse_rule
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Grain

PERSON = [
    ("year_self_pay_fen >", "syntax"),
    ("", "syntax"),
    ("   ", "syntax"),
    ("(year_self_pay_fen > 1", "syntax"),
    ("'unfinished", "syntax"),
    ("year_self_pay_fen > 1; is_lifted", "several_statements"),
    ("year_self_pay_fen > 1 -- everyone", "comment"),
    ("year_self_pay_fen /* all */ > 1", "comment"),
    ("is_lifted" + " AND is_lifted" * 300, "too_long"),
    ("(" * 60 + "is_lifted" + ")" * 60, "too_deep"),
    ("NOT " * 80 + "is_lifted", "too_deep"),
    ("year_self_pay > 1", "unknown_column"),
    ("YEAR_SELF_PAY_FEN > 1", "unknown_column"),
    ("person.year_self_pay_fen > 1", "qualified_column"),
    ("stay_self_pay_fen > 1", "other_grain"),
    ("abs(year_self_pay_fen) > 1", "function"),
    ("coalesce(year_self_pay_fen, 9) > 1", "function"),
    ("CASE WHEN is_lifted THEN is_monitored ELSE is_student END", "function"),
    ("sum(year_self_pay_fen) OVER () > 1", "function"),
    ("current_date > 1", "function"),
    ("date_diff('month', age_months, 1) > 1", "function"),
    ("read_csv('x') > 1", "function"),
    ("year_self_pay_fen > (SELECT 1)", "subquery"),
    ("EXISTS (SELECT 1)", "subquery"),
    ("age_years IN (SELECT 1)", "subquery"),
    ("SELECT is_lifted", "subquery"),
    ("* > 1", "star"),
    ("is_lifted flagged", "alias"),
    ("is_lifted AS flagged", "alias"),
    ("CAST(age_years AS TEXT) = '1'", "cast"),
    ("age_years::text = '1'", "cast"),
    ("TRY_CAST(age_years AS INT) = 1", "cast"),
    ("year_self_pay_fen / 2 > 1", "division"),
    ("year_self_pay_fen % 2 = 1", "division"),
    ("school_status LIKE 'drop%'", "pattern"),
    ("school_status ILIKE 'drop%'", "pattern"),
    ("school_status SIMILAR TO 'drop%'", "pattern"),
    ("school_status > 'enrolled'", "text_order"),
    ("school_status BETWEEN 'a' AND 'b'", "text_order"),
    ("school_status = 'droped_out'", "unknown_value"),
    ("school_status NOT IN ('enroled')", "unknown_value"),
    ("school_status = 5", "type_mismatch"),
    ("school_status = insurance_status", "type_mismatch"),
    ("age_years = '5'", "type_mismatch"),
    ("age_years IN ('a')", "type_mismatch"),
    ("age_years + school_status > 1", "type_mismatch"),
    ("age_years", "not_a_condition"),
    ("5", "not_a_condition"),
    ("'enrolled'", "not_a_condition"),
    ("is_lifted = TRUE", "boolean_comparison"),
    ("is_lifted <> is_monitored", "boolean_comparison"),
    ("(age_years > 5) = is_lifted", "boolean_comparison"),
    ("age_years > 1.5", "not_whole"),
    ("year_self_pay_fen > 1e6", "not_whole"),
    ("age_years > 99999999999999999999", "not_whole"),
    ("age_years > 9999999999999999999", "overflow"),
    ("year_self_pay_fen * wage_12m_fen > 1", "overflow"),
    ("age_years * age_years > 100", "self_product"),
    ("age_years > ?", "parameter_style"),
    ("age_years > @limit", "parameter_style"),
    ("age_years > :other", "unbound_parameter"),
    ("age_years = NULL", "null_literal"),
    ("age_years NOT IN (1, NULL)", "null_literal"),
    ("is_lifted OR NULL", "null_literal"),
    ("is_lifted IS TRUE", "null_semantics"),
    ("age_years IS DISTINCT FROM 5", "null_semantics"),
    ("age_years <=> 5", "null_semantics"),
    ("(age_years > 5) IS NULL", "null_semantics"),
    ("TRUE", "constant"),
    ("1 = 1", "constant"),
    ("is_lifted OR 1 = 1", "constant"),
    (":limit > 3", "constant"),
    ("screening_month >= 3", "constant"),
    ("age_years >= 0", "constant_part"),
    ("age_years > 200 OR is_lifted", "constant_part"),
    ("is_lifted IS NULL", "constant_part"),
    ("age_years >= 5 OR age_years < 5", "always_true"),
    ("age_years IS NULL OR age_years BETWEEN 0 AND 150", "constant_part"),
    ("is_lifted OR NOT is_lifted", "always_true"),
    ("age_years < age_months OR age_months <= age_years", "always_true"),
    ("age_years > 9 AND age_years < 5", "always_false"),
    ("school_status = 'enrolled' AND school_status = 'graduated'", "always_false"),
    ("age_years IS NULL AND age_years < age_months", "always_false"),
    ("age_years BETWEEN 9 AND 5", "always_false"),
    ("age_years IN ()", "list"),
    ("age_years = (1, 2)", "list"),
    ("age_years IN (age_months)", "type_mismatch"),
    ("age_years & 1 = 1", "construct"),
    ("school_status || 'x' = 'enrolledx'", "construct"),
    ("DROP TABLE persons", "construct"),
]


def reasons(expression: str, grain: Grain = Grain.PERSON) -> list[str]:
    with pytest.raises(RuleRefused) as refused:
        parse_rule(expression, grain, VOCABULARY, {"limit": 5})
    return [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize(("expression", "reason"), PERSON)
def test_what_is_not_allowed_is_refused_with_its_reason(expression, reason):
    assert reason in reasons(expression)


def test_a_long_chain_of_one_condition_is_read_without_descending():
    condition = parse_rule("is_lifted OR " * 150 + "is_lifted", Grain.PERSON, VOCABULARY, {})
    assert condition.fires({"is_lifted": True})


def test_every_reason_is_told_at_once():
    found = reasons("abs(year_self_pay) > 1 AND school_status = 'x' AND age_years / 2 > :missing AND is_lifted = TRUE")
    assert {
        "function",
        "unknown_column",
        "unknown_value",
        "division",
        "unbound_parameter",
        "boolean_comparison",
    } <= set(found)


def test_an_unknown_column_names_the_closest_published_one():
    with pytest.raises(RuleRefused) as refused:
        parse_rule("year_selfpay_fen > 1", Grain.PERSON, VOCABULARY, {})
    (fault,) = refused.value.faults
    assert "Did you mean year_self_pay_fen?" in fault.message.en


def test_a_refusal_never_repeats_a_literal():
    with pytest.raises(RuleRefused) as refused:
        parse_rule("school_status = '610999197403123010'", Grain.PERSON, VOCABULARY, {})
    assert "610999197403123010" not in str([fault.message for fault in refused.value.faults])


def test_a_record_rule_reads_one_kind_of_record():
    assert "mixed_records" in reasons("stay_self_pay_fen > 1 AND house_grade = 'D'", Grain.RECORD)
    assert "no_record_column" in reasons("is_lifted AND event_months_ago < 3", Grain.RECORD)
    assert "other_grain" in reasons("age_years > 1", Grain.HOUSEHOLD)


def test_a_search_that_grows_too_large_counts_against_the_rule():
    choices = " AND ".join(f"(age_years > {n} OR age_months > {n})" for n in range(1, 21))
    assert reasons(f"{choices} AND age_days < 5 AND age_days > 9") == ["too_complex"]


@pytest.mark.parametrize(
    "expression",
    [
        "not is_lifted and age_years between :limit and 15",
        "(((age_years))) >= 1 + 2 * 3 - -4",
        "school_status IN ('enrolled', 'graduated') AND is_working IS NOT NULL",
        "5 <= age_years AND 'enrolled' <> school_status",
        '"age_years" > +5',
        "age_years NOT IN (1, :limit)",
    ],
)
def test_what_is_allowed_is_accepted(expression):
    assert parse_rule(expression, Grain.PERSON, VOCABULARY, {"limit": 5}).columns
