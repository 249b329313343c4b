"""A register asks of a department's row only what a record keeps of it."""

from __future__ import annotations

import re

import pytest

from chassis.tabular import Kind
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.contract import EVENT_DATE
from services.monitoring.registers.catalogue import REGISTERS

CONTRACTS = {contract.code: contract for contract in load_contracts()}
FED = {code: register for code, register in REGISTERS.items() if register.feed is not None}
MADE_BY_THE_FEED = {"rehabilitation_aid": {"paid_fen"}}


def kept_of(dataset):
    contract = CONTRACTS[dataset]
    said = {*contract.key, *contract.facts.values(), *contract.texts}
    return {EVENT_DATE} | {one.name for one in contract.own if one.kind is not Kind.TEXT or one.name in said}


@pytest.mark.parametrize("code", FED)
def test_a_register_asks_only_for_what_is_kept_of_a_row(code):
    feed = FED[code].feed
    asked = set(re.findall(r"payload ->> '(\w+)'", feed.select)) - MADE_BY_THE_FEED.get(code, set())
    assert asked <= set().union(*(kept_of(dataset) for dataset in feed.datasets))
