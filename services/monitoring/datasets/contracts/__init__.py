"""The published column contracts of department files, one module per department, checked when they are loaded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from chassis.errors import DomainError, Fault, Message, NotFound
from services.monitoring.datasets.contracts import (
    agriculture,
    civil,
    disability,
    education,
    emergency,
    finance,
    health,
    housing,
    labour,
    medical,
    petitions,
    reform,
    security,
    traffic,
    water,
    women,
)
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.contracts.departments import DEPARTMENTS

_MODULES = (
    medical, health, education, disability, housing, water, emergency, traffic, labour, civil, women, agriculture,
    finance, security, reform, petitions,
)  # fmt: skip


class ContractInvalid(DomainError):
    """Contracts that contradict themselves or each other; ``faults`` names each."""

    code, status = "contract_invalid", 422
    title = Message("文件规范有误，请按各项提示修改。", "The contracts are invalid; correct each listed item.")


@cache
def load_contracts() -> tuple[Contract, ...]:
    """Every published contract, all versions.

    :raises ContractInvalid: if one does not hold together.
    """
    contracts = tuple(contract for module in _MODULES for contract in module.CONTRACTS)
    check_contracts(contracts)
    return contracts


def contract_for(code: str, *, on: date) -> Contract:
    """The version of a contract that files handed in on a day follow.

    :raises NotFound: if there is none.
    """
    for contract in load_contracts():
        if contract.code == code and contract.in_force(on):
            return contract
    raise NotFound(Message("没有这种文件规范，或在该日期无效。", "No such contract is in force on that date."))


def check_contracts(contracts: Iterable[Contract]) -> None:
    """Refuse contracts with a fault of their own, an unknown department, or versions that overlap.

    :raises ContractInvalid: with every fault found.
    """
    listed = list(contracts)
    texts = [(contract, text) for contract in listed for text in contract.faults()]
    texts += [(contract, "the department is unknown") for contract in listed if contract.department not in DEPARTMENTS]
    for index, contract in enumerate(listed):
        texts += [(contract, "two versions overlap") for other in listed[:index] if _overlap(contract, other)]
    if texts:
        raise ContractInvalid(
            faults=[
                Fault(f"/{contract.code}/{contract.version}", "contract", Message(f"文件规范自相矛盾：{text}", text))
                for contract, text in texts
            ]
        )


def _overlap(one: Contract, other: Contract) -> bool:
    if one.code != other.code:
        return False
    return one.version == other.version or (
        one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)
    )
