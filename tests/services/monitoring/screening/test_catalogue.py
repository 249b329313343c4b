"""The catalogue holds R01 to R27, sound; every published name is prepared; numbers follow area and date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
import sqlglot

from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.screening.catalogue import CatalogueInvalid, bind, read_catalogue
from services.monitoring.screening.prepared.part import POLICY_NUMBERS, bindings
from services.monitoring.screening.prepared.plan import OWNER, PARTS, part_of
from services.monitoring.screening.snapshot import TABLES
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Grain

SEVERITIES = {
    "H": {1, 2, 5, 8, 11, 12, 13, 14, 17, 21, 22, 24},
    "M": {3, 6, 9, 10, 15, 16, 18, 19, 23, 25, 26},
    "L": {4, 7, 20, 27},
}


def text() -> str:
    return resources.files("services.monitoring.screening").joinpath("catalogue.toml").read_text("utf-8")


def test_all_27_rules_are_there_with_the_severities_of_the_design(catalogue):
    assert [rule.id for rule in catalogue.rules] == [f"R{number:02}" for number in range(1, 28)]
    for severity, expected in SEVERITIES.items():
        assert {int(rule.id[1:]) for rule in catalogue.rules if rule.severity == severity} == expected


def test_every_rule_binds_and_names_known_departments_and_contracts(catalogue, numbers):
    assert len(bind(catalogue.rules, VOCABULARY, numbers)) == 27
    readers = {contract.code: set(contract.rules) for contract in load_contracts()}
    for rule in catalogue.rules:
        assert set(rule.departments) <= set(DEPARTMENTS)
        for dataset in set(rule.datasets) - {"income"}:
            assert rule.id in readers[dataset], f"{dataset} does not say that {rule.id} reads it"
        assert rule.label.zh
        assert rule.clause.zh


def test_every_policy_number_has_a_source_and_none_is_unused(catalogue):
    used = {name for rule in catalogue.rules for name in rule.parameters}
    used |= {*POLICY_NUMBERS, "silence_months", "silence_step_percent"}
    assert {row.key for row in catalogue.rows} == used
    assert all(row.source and row.scope_code == 0 for row in catalogue.rows)


def test_no_number_of_policy_stands_in_an_expression(catalogue):
    for rule in catalogue.rules:
        literals = {int(one.this) for one in sqlglot.parse_one(rule.expression).find_all(sqlglot.exp.Literal)
                    if not one.is_string}  # fmt: skip
        assert literals <= {0, 1, 100}, rule.id


def test_every_rule_can_be_written_for_spark(catalogue, numbers):
    for bound in bind(catalogue.rules, VOCABULARY, numbers):
        again = sqlglot.parse_one(bound.condition.spark(), read="spark").sql("duckdb")
        assert again == sqlglot.parse_one(bound.condition.duckdb(), read="duckdb").sql("duckdb")


def test_the_prepared_sql_can_be_written_for_spark(numbers):
    values = bindings(date(2024, 6, 3), numbers, {"education.status"})
    for part in PARTS.values():
        spark = sqlglot.transpile(
            part.statement(values), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
        )
        assert len(spark) == 1
        assert "DATE_DIFF('" not in spark[0]


def test_every_published_name_is_prepared_and_every_prepared_name_published():
    for term in VOCABULARY:
        if term.part in ("calendar", "event"):
            continue
        table = term.part if term.part.startswith("record_") else None
        part = part_of(term.name, table)
        assert part is not None
        assert part.name == (f"{table}_rows" if table else term.part)
    published = {term.name for term in VOCABULARY}
    assert set(OWNER) == published - {"event_months_ago", "screening_month", "screening_year"}


def test_every_part_reads_only_tables_and_parts_that_exist():
    for part in PARTS.values():
        assert set(part.needs) <= set(TABLES) | set(PARTS)


def test_the_vocabulary_offers_outer_grains_to_inner_ones():
    household, person, record = (set(VOCABULARY.of(grain)) for grain in (Grain.HOUSEHOLD, Grain.PERSON, Grain.RECORD))
    assert household < person < record


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (lambda t: t.replace('id = "R02"', 'id = "R01"'), "repeated"),
        (lambda t: t.replace('severity = "H"', 'severity = "X"', 1), "entry"),
        (lambda t: t.replace("version = 1", 'version = "1"', 1), "entry"),
        (lambda t: t.replace('grain = "person"', 'grain = "village"', 1), "entry"),
        (lambda t: t.replace('document = "', 'documents = "', 1), "entry"),
        (lambda t: t.replace('key = "farm_loss_min_fen"', 'key = "farm_loss"'), "parameter_without_row"),
        (lambda t: t.replace('key = "silence_months"', 'key = "silence"'), "parameter_without_row"),
        (lambda t: t.replace("value = 500000", "value = 5000.0", 1), "entry"),
        (lambda t: t.replace('subject = "household"', 'subject = "record"', 1), "subject"),
    ],
)
def test_a_damaged_catalogue_is_refused(broken, code):
    assert broken(text()) != text()
    with pytest.raises(CatalogueInvalid) as refused:
        read_catalogue(broken(text()))
    assert code in {fault.code for fault in refused.value.faults}


def test_text_that_is_no_toml_is_refused():
    with pytest.raises(CatalogueInvalid):
        read_catalogue("rules = [")


def test_a_rule_that_lists_an_unused_number_or_grows_by_an_unread_column_is_refused(catalogue, numbers):
    rule = catalogue["R19"]
    spare = replace(rule, parameters=(*rule.parameters, "farm_loss_min_fen", "severe_disability_level_max"))
    other = replace(rule, growing=replace(rule.growing, column="stay_self_pay_fen"))
    for changed, code in ((spare, "unused_parameter"), (other, "growing_unread")):
        with pytest.raises(CatalogueInvalid) as refused:
            bind([changed], VOCABULARY, numbers)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_the_newest_version_of_a_rule_counts(catalogue):
    newer = replace(catalogue["R01"], version=2)
    assert replace(catalogue, rules=(newer, *catalogue.rules))["R01"].version == 2
    with pytest.raises(KeyError):
        catalogue["R99"]
