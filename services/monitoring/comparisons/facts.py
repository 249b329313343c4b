"""核对事项: the facts that departments may be asked about a person; an area chooses among them (a parameter).

Most are what a department hands in anyway: such a fact names its contract, whose columns are its values and whose
records prefill it. The others are asked about only when a case needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from chassis.errors import Message, NotFound
from chassis.tabular.columns import Column, Kind
from services.monitoring.clues.visibility import HEALTH_DEPARTMENTS
from services.monitoring.datasets.contracts import contract_for, load_contracts

_UNTYPED: Final = frozenset({Kind.TEXT, Kind.IDENTITY_NUMBER})
"""What names people or says more than a comparison asks: it goes into the note, which is encrypted, or nowhere."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a person.

    :param code: stable; that of the contract where there is one.
    :param dataset: the contract whose records say it; None for one that is only asked about.
    :param apart: columns whose values tell several such facts of one person apart, such as two houses.
    :param own: its values, where no contract says them.
    """

    code: str
    department: str
    title: Message
    dataset: str | None = None
    apart: tuple[str, ...] = ()
    own: tuple[Column, ...] = ()

    @property
    def tells_health(self) -> bool:
        """Whether its values tell of illness, disability or injury (clause F6)."""
        return self.dataset is not None and self.department in HEALTH_DEPARTMENTS

    def columns(self, on: date) -> tuple[Column, ...]:
        """The values that it may have, by the contract in force on a day."""
        if self.dataset is None:
            return self.own
        try:
            contract = contract_for(self.dataset, on=on)
        except NotFound:
            return ()
        return tuple(column for column in contract.own if column.kind not in _UNTYPED)


def _of_contract(code: str, *apart: str) -> Fact:
    contract = next(one for one in load_contracts() if one.code == code)
    return Fact(code, contract.department, contract.title, dataset=code, apart=apart)


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by its code, in the order in which they are shown."""
    listed = (
        _of_contract("civil.aid_change", "aid_kind"),
        _of_contract("medical.insurance"),
        _of_contract("medical.annual_self_pay"),
        _of_contract("health.chronic_contract", "chronic_kind"),
        _of_contract("disability.certificates"),
        _of_contract("education.status"),
        _of_contract("education.costs"),
        _of_contract("housing.appraisals", "house_no"),
        _of_contract("work.status"),
        _of_contract("work.wages"),
        _of_contract("finance.credit", "loan_no"),
        _of_contract("security.status"),
        _of_contract("water.supply"),
        _of_contract("agriculture.losses", "project_kind"),
        Fact(
            "housing.real_estate",
            "housing",
            Message("商品房登记", "real estate on record"),
            own=(Column(name="homes", label="商品房套数", kind=Kind.INTEGER),),
        ),
        Fact(
            "traffic.vehicles",
            "traffic",
            Message("机动车登记", "vehicles on record"),
            own=(
                Column(name="vehicles", label="机动车辆数", kind=Kind.INTEGER),
                Column(name="price_fen", label="购置价格合计", kind=Kind.AMOUNT),
            ),
        ),
        Fact(
            "labour.public_payroll",
            "labour",
            Message("财政供养人员", "on the public payroll"),
            own=(Column(name="on_payroll", label="是否财政供养", kind=Kind.YES_NO),),
        ),
    )
    return {fact.code: fact for fact in listed}
