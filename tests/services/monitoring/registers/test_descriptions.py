"""What a register's description says exists: columns, contracts, departments, parameters; and it is told as it is."""

from __future__ import annotations

import pytest

from chassis.database.metadata import rows
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.parameters import CATALOGUE
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.facts import COMMON
from services.monitoring.registers.models import READERS

EVERY = pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)


@EVERY
def test_a_description_names_every_column_of_its_table_and_no_other(register):
    columns = rows(register.table).columns
    assert set(register.columns) == {column.name for column in columns} - COMMON
    for field in register.fields:
        assert columns[field.name].nullable is not field.required, field.name
        assert field.name in READERS[register.code].model_fields


@EVERY
def test_a_description_names_contracts_departments_and_parameters_that_exist(register):
    contracts = {contract.code for contract in load_contracts()}
    assert register.feed is None or contracts.issuperset(register.feed.datasets)
    for rule in register.findings:
        assert rule.duty in DEPARTMENTS
        assert all(key in CATALOGUE for key in rule.parameters.values())
    assert register.recorders or register.feed, "something must bring its facts"


async def test_every_register_says_what_it_keeps_and_whose_duty_a_finding_is(asks):
    listed = (await asks().get("/registers", headers={"Accept-Language": "zh"})).json()["items"]
    assert [one["code"] for one in listed] == list(REGISTERS)
    dropout = listed[0]
    assert (dropout["title"], dropout["datasets"]) == ("控辍保学台账", ["education.status"])
    assert {(rule["code"], rule["duty_label"]) for rule in dropout["findings"]} == {
        ("out_of_school", "教育"), ("duty_unfilled", "教育")
    }  # fmt: skip
