"""A household's risks are up to five, the first required, each once; 04 and 99 say more."""

from dataclasses import replace

import pytest

from services.monitoring.codes.monitoring import DisasterKind, Risk
from services.monitoring.households.rules.risks import NamedRisks, refusals_of_risks
from services.monitoring.households.thresholds import DEFAULTS, Thresholds

LIMITS = Thresholds.from_rows(DEFAULTS)
FIVE = (Risk.ILLNESS, Risk.SCHOOLING, Risk.DISABILITY, Risk.ACCIDENT, Risk.UNSAFE_WATER)


@pytest.mark.parametrize(
    ("named", "faults"),
    [
        (NamedRisks(FIVE), []),
        (NamedRisks(()), [("/case/risks", "risk_missing")]),
        (NamedRisks((*FIVE, Risk.UNSTABLE_WORK)), [("/case/risks", "risks_many")]),
        (NamedRisks((Risk.ILLNESS, Risk.ILLNESS)), [("/case/risks", "risks_many")]),
        (NamedRisks((Risk.OTHER,), is_explained=True), []),
        (NamedRisks((Risk.NATURAL_DISASTER,), DisasterKind.BIOLOGICAL), []),
        (
            NamedRisks((Risk.NATURAL_DISASTER, Risk.OTHER)),
            [("/case/risks", "risk_unexplained"), ("/case/disaster_kind", "disaster_kind_missing")],
        ),
    ],
)
def test_everything_that_is_wrong_is_named_where_it_stands(named, faults):
    found = refusals_of_risks(named, LIMITS, pointer="/case")
    assert [(fault.pointer, fault.code) for fault in found] == faults


def test_the_areas_own_number_stands_in_the_message():
    [fault] = refusals_of_risks(NamedRisks(FIVE), replace(LIMITS, risks_max=3))
    assert "最多3项" in fault.message.zh
