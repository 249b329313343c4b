"""Facts that departments may be asked about hang together with their contracts, and records of one matter replace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.identifiers import new_id
from services.monitoring.comparisons.facts import facts
from services.monitoring.comparisons.rules import compared_already, latest
from services.monitoring.comparisons.thresholds import DEFINITIONS
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.departments import DEPARTMENTS

CONTRACTS = {one.code: one for one in load_contracts()}
ON = date(2024, 6, 3)
WHO = new_id()


@dataclass(frozen=True)
class Row:
    """A record in force."""

    payload: dict[str, Any]
    event_date: date = ON
    dataset: str = "housing.appraisals"
    person_id: UUID = WHO
    recorded_at: datetime = datetime(2024, 6, 3, tzinfo=UTC)
    id: UUID = field(default_factory=new_id)


@pytest.mark.parametrize("fact", facts().values(), ids=lambda fact: fact.code)
def test_every_fact_has_values_a_department_and_the_columns_that_tell_its_matters_apart(fact):
    assert fact.columns(ON)
    assert fact.department in DEPARTMENTS
    if fact.dataset is None:
        assert not fact.apart
        return
    contract = CONTRACTS[fact.dataset]
    kept = {*contract.key, *(column.name for column in fact.columns(ON))}
    assert fact.department == contract.department
    assert set(fact.apart) <= kept, "a record keeps only texts of its key"


def test_what_an_area_asks_by_default_is_among_the_facts():
    (asked,) = (one for one in DEFINITIONS if one.key == "comparisons.facts")
    assert set(asked.defaults[0].value) <= set(asked.choices) == set(facts())


def test_the_latest_record_of_each_matter_counts():
    old, new = Row({"house_no": "1", "house_grade": "D"}, date(2023, 1, 1)), Row({"house_no": "1", "house_grade": "A"})
    second = Row({"house_no": "2", "house_grade": "C"}, date(2022, 1, 1))
    grouped = latest([new, second, old], {"housing.appraisals": ("house_no",)})
    assert grouped == {("housing.appraisals", WHO): [new, second]}
    assert latest([new, old, second], {}) == {("housing.appraisals", WHO): [new]}


@pytest.mark.parametrize(
    ("kind", "change", "is_compared"),
    [("subsistence", "granted", True), ("subsistence", "stopped", False), ("marginal", "raised", False)],
)
def test_only_aid_that_is_still_held_and_of_a_kind_that_the_area_names_spares_the_comparison(kind, change, is_compared):
    aid = Row({"aid_kind": kind, "aid_change": change}, dataset="civil.aid_change")
    assert (compared_already([aid], ["subsistence", "destitute"]) is aid) is is_compared
