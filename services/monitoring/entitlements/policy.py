"""Say what a policy has beside its condition: who owes it, what it gives, and what shows that it was received."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chassis.errors import Fault, Message
from chassis.types import Integer, Model, ShortText
from services.monitoring.codes.entitlements import PolicyClass
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.contracts.departments import DEPARTMENTS

RECEIPTS_MAX = 10


class ReceiptSource(StrEnum):
    """Where a receipt may be seen."""

    MEASURE = "measure"
    INCOME = "income"
    DATASET = "dataset"


class ReceiptChoice(Model):
    """Which of a department's rows count: those with this value in this column, one of the contract's choices."""

    column: ShortText
    value: ShortText


class Receipt(Model):
    """One thing that shows that a benefit was received: a measure, a line of income or a department's row.

    ``months`` is for how long it counts: a yearly benefit paid 13 months ago is owed again. A measure counts until it
    ends, and so many months more; one that runs counts today.
    """

    source: ReceiptSource
    code: ShortText = Field(description="A kind of measure or of income line, or a department's contract.")
    months: Annotated[Integer, Field(ge=1, le=240)]
    choice: ReceiptChoice | None = Field(None, description="Only such rows of the contract; absent: all of them.")


class BenefitWording(Model):
    """What the policy gives, in both languages."""

    zh: ShortText
    en: ShortText


class PolicyTerms(Model):
    """What makes a version of a rule an entitlement policy: its condition then says to whom the benefit is due."""

    policy_class: PolicyClass
    department: ShortText = Field(description="The department that owes it; gaps are its to-dos.")
    benefit: BenefitWording
    received: Annotated[list[Receipt], Field(min_length=1, max_length=RECEIPTS_MAX)]


_DEPARTMENT = Message("没有这个部门代码。", "There is no department of this code.")
_CHOICE = Message(
    "只有部门数据可以按栏目取值，且须是该栏目的可选值。",
    "Only a department's rows are chosen by a column, and by one of the values that its contract offers.",
)
_CODE = Message("没有这个代码，请从代码表或数据目录中选择。", "There is no such code; choose one of the code list.")


def policy_faults(terms: PolicyTerms) -> list[Fault]:
    """Every code that names nothing."""
    contracts = {contract.code: contract for contract in load_contracts()}
    known = {
        ReceiptSource.MEASURE: {str(kind) for kind in MeasureKind},
        ReceiptSource.INCOME: {str(kind) for kind in IncomeLineKind},
        ReceiptSource.DATASET: set(contracts),
    }
    faults = []
    if terms.department not in DEPARTMENTS:
        faults.append(Fault("/policy/department", "department_unknown", _DEPARTMENT))
    faults += [
        Fault(f"/policy/received/{place}/code", "code_unknown", _CODE)
        for place, receipt in enumerate(terms.received)
        if receipt.code not in known[receipt.source]
    ]
    faults += [
        Fault(f"/policy/received/{place}/choice", "choice_unknown", _CHOICE)
        for place, receipt in enumerate(terms.received)
        if receipt.choice is not None and not _offers(contracts.get(receipt.code), receipt)
    ]
    return faults


def _offers(contract: Contract | None, receipt: Receipt) -> bool:
    """Whether the contract that a receipt names has its column and this value among its choices."""
    if receipt.source is not ReceiptSource.DATASET or contract is None or receipt.choice is None:
        return False
    columns = {column.name: column for column in contract.columns}
    column = columns.get(receipt.choice.column)
    return column is not None and receipt.choice.value in (column.choices or {}).values()
