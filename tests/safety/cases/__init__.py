"""How each operation is asked: a minimal valid request, where its object lies, and what a stranger must be answered.

To add an operation: one line in the file of its noun, one line in ``tests/permissions.csv``; the test fails until both
are there.
"""

from __future__ import annotations

from collections.abc import Mapping

from chassis.testing.programs import VILLAGE
from tests.safety.cases.care import HELPERS_AND_VISITS
from tests.safety.cases.case import Case
from tests.safety.cases.casework import CASES, TODOS
from tests.safety.cases.clues import CLUES
from tests.safety.cases.departments import DATASETS, NATIONAL, UPLOADS
from tests.safety.cases.evidence import EVIDENCE, PAPERS
from tests.safety.cases.kernel import kernel_cases
from tests.safety.cases.money import ENTITLEMENTS, INCOME_AND_LINES
from tests.safety.cases.operations import OPERATIONS
from tests.safety.cases.registers import REGISTERS
from tests.safety.cases.registry import COMMON, REGISTRY, STAFF

CASES: Mapping[str, Case] = {
    **REGISTRY,
    **COMMON,
    **CLUES,
    **OPERATIONS,
    **REGISTERS,
    **UPLOADS,
    **INCOME_AND_LINES,
    **STAFF,
    **DATASETS,
    **NATIONAL,
    **HELPERS_AND_VISITS,
    **ENTITLEMENTS,
    **EVIDENCE,
    **PAPERS,
    **CASES,
    **TODOS,
    **kernel_cases("monitoring", thing="household", at=VILLAGE, keys=("clues.due.low_days", "clues.due.medium_days")),
}
"""Monitoring's, by operation id."""
