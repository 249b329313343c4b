"""Every published contract holds together, fits the screening snapshot, and is found by its date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from chassis.errors import NotFound
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts import ContractInvalid, check_contracts, contract_for, load_contracts
from services.monitoring.datasets.contracts.contract import SUBMISSION_FIELDS, Period
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.registers.catalogue import fed_by
from services.monitoring.screening.catalogue import load_catalogue
from services.monitoring.screening.snapshot import RECORD_TABLES
from services.monitoring.screening.terms import VOCABULARY

CONTRACTS = load_contracts()
EVERY = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.code)
SCREENED = pytest.mark.parametrize(
    "contract", [one for one in CONTRACTS if one.feeds is not None], ids=lambda contract: contract.code
)
FITS = {
    pa.int64(): {Kind.INTEGER, Kind.AMOUNT},
    pa.date32(): {Kind.DAY, Kind.MONTH},
    pa.bool_(): {Kind.YES_NO},
    pa.string(): {Kind.CHOICE},
}


def test_every_department_of_the_rules_has_its_contracts():
    assert {contract.department for contract in CONTRACTS} == set(DEPARTMENTS) - {"monitoring"}
    assert len(CONTRACTS) == 38


@EVERY
def test_a_file_begins_with_the_common_columns(contract):
    assert [column.name for column in contract.columns[:5]] == [
        "id_no", "name", "household_id", "region_code", "event_date"
    ]  # fmt: skip
    assert [column.required for column in contract.columns[:5]] == [True, True, False, False, True]
    assert not set(SUBMISSION_FIELDS) & {column.name for column in contract.columns}


@SCREENED
def test_accepted_rows_fill_their_table_of_the_snapshot(contract):
    schema = RECORD_TABLES[contract.feeds]
    columns = {column.name: column for column in contract.columns}
    assert {*contract.facts, *contract.derived} == set(schema.names) - {"record_id", "person_id"}
    for fact, source in contract.facts.items():
        field = schema.field(fact)
        assert columns[source].kind in FITS[field.type], f"{source} is no {field.type}"
        if not field.nullable:
            assert columns[source].required, f"{source} may be missing but {fact} may not"


@EVERY
def test_choices_give_codes_that_the_vocabulary_publishes(contract):
    codes = {term.name: set(term.values) for term in VOCABULARY if term.values}
    for column in contract.columns:
        if column.kind is Kind.CHOICE and column.name in contract.facts and column.name in codes:
            assert set(column.choices.values()) <= codes[column.name]


@EVERY
def test_the_rules_that_read_it_exist_and_say_so(contract):
    catalogue = load_catalogue()
    for rule_id in contract.rules:
        rule = catalogue[rule_id]
        assert contract.code in rule.datasets


def test_a_contract_that_no_rule_reads_feeds_a_register():
    for contract in CONTRACTS:
        assert contract.rules or fed_by(contract.code), contract.code


def test_no_contract_asks_for_what_we_compute():
    assert all("age" not in column.name.split("_") for contract in CONTRACTS for column in contract.columns)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("medical.stays", ("id_no", "stay_no")),
        ("civil.temporary_aid", ("id_no", "payment_no")),
        ("medical.outpatient", ("id_no", "event_date")),
        ("finance.credit", ("id_no", "loan_no", "event_date")),
    ],
)
def test_the_key_tells_two_events_of_a_person_apart(code, key):
    assert contract_for(code, on=date(2024, 6, 3)).key == key


def test_lists_on_which_absence_counts_cover_a_whole_period():
    complete = {contract.code: contract.period for contract in CONTRACTS if contract.complete_list}
    assert complete == {
        "medical.insurance": Period.YEAR,
        "education.status": Period.SCHOOL_YEAR,
        "civil.left_behind_visits": Period.MONTH,
        "women.left_behind_visits": Period.MONTH,
    }


def test_a_contract_is_found_from_its_first_day_to_its_last():
    contract = contract_for("medical.stays", on=date(2021, 1, 1))
    ended = replace(contract, valid_to=date(2021, 12, 31))
    assert ended.in_force(date(2021, 12, 31))
    assert not ended.in_force(date(2022, 1, 1))
    with pytest.raises(NotFound):
        contract_for("medical.stays", on=contract.valid_from - timedelta(days=1))
    with pytest.raises(NotFound):
        contract_for("medical.dreams", on=date(2024, 6, 3))


def test_a_new_version_takes_over_without_overlap():
    old = contract_for("medical.stays", on=date(2024, 6, 3))
    ended = replace(old, valid_to=date(2024, 12, 31))
    check_contracts([ended, replace(old, version=2, valid_from=date(2025, 1, 1))])
    with pytest.raises(ContractInvalid):
        check_contracts([ended, replace(old, version=2, valid_from=date(2024, 12, 31))])
    with pytest.raises(ContractInvalid):
        check_contracts([old, old])


STAYS = contract_for("medical.stays", on=date(2024, 6, 3))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(STAYS, key=("id_no", "stay")), "missing or optional"),
        (replace(STAYS, key=("id_no", "hospital")), "missing or optional"),
        (replace(STAYS, key=("event_date",)), "tells no person"),
        (replace(STAYS, own=(*STAYS.own, STAYS.own[0])), "repeated"),
        (replace(STAYS, own=(*STAYS.own, Column(name="other", label="住院号"))), "share a heading"),
        (replace(STAYS, own=(*STAYS.own, Column(name="pay", label="支付", kind=Kind.AMOUNT))), "_fen"),
        (replace(STAYS, own=(*STAYS.own, Column(name="nights", label="天数", kind=Kind.INTEGER))), "no least value"),
        (replace(STAYS, facts={"stay_self_pay_fen": "nothing"}), "comes from no column"),
        (replace(STAYS, derived={"stay_self_pay_fen": "both"}), "both taken and derived"),
        (replace(STAYS, event=Column(name="event_date", label="日期")), "event column"),
        (replace(STAYS, valid_to=date(2020, 1, 1)), "ends before"),
        (replace(STAYS, version=0), "malformed"),
        (replace(STAYS, code="stays"), "malformed"),
        (replace(STAYS, department="weather"), "department is unknown"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(broken, words):
    with pytest.raises(ContractInvalid) as refused:
        check_contracts([broken])
    assert any(words in fault.message.en for fault in refused.value.faults)
