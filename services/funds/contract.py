"""The events that funds publishes; the only part of it that another service may import.

They carry ids, divisions, codes, amounts in 分, and the credit code of a contractor that is an organisation: no name,
ID number, phone or account. Codes are texts, not enumerations: a published enumeration could never gain a value.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.events.event import Event


class FundShare(BaseModel):
    """资金来源: one source's share of an amount (clause E1)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    level: str = Field(
        description="Who gave it: `central` 中央, `province` 省, `city` 市, `county` 县, or another source's code.",
        examples=["central"],
    )
    task: str = Field(description="任务方向: code of what it was given for.", examples=["consolidation"])
    amount_fen: int = Field(ge=0, description="In 分.", examples=[87_600_000])


_LEVELS = ("central", "province", "city", "county")


def _sources(*examples: int) -> Any:
    """The field of the shares; ``examples`` in 分, by level."""
    shares = [
        {"level": level, "task": "consolidation", "amount_fen": fen}
        for level, fen in zip(_LEVELS, examples, strict=True)
    ]
    return Field(description="Shares by source; together exactly the amount.", examples=[shares])


class ProjectAccepted(Event, type="funds.project.accepted", version=1):
    """项目验收: a project was accepted; what it built gets a draft in the ledger of assets at a provisional value."""

    project: UUID
    category: str = Field(description="Code of the project's category.", examples=["workshop"])
    value_fen: int = Field(ge=0, description="暂估价: provisional value in 分.", examples=[150_000_000])
    sources: list[FundShare] = _sources(90_000_000, 30_000_000, 10_000_000, 20_000_000)
    contractor: str | None = Field(
        description="统一社会信用代码 of the contractor; null for work without one.", examples=["91610999MA6X20244A"]
    )


class ProjectSettled(Event, type="funds.project.settled", version=1):
    """项目决算: a project's final value is known."""

    project: UUID
    value_fen: int = Field(ge=0, description="Final value in 分.", examples=[146_000_000])
    sources: list[FundShare] = _sources(87_600_000, 29_200_000, 9_733_333, 19_466_667)


class PaymentMade(Event, type="funds.payment.made", version=1):
    """资金支付: money was paid under a contract (clause E4)."""

    payment: UUID
    project: UUID
    contract: UUID
    amount_fen: int = Field(ge=0, description="In 分.", examples=[45_000_000])
    sources: list[FundShare] = _sources(27_000_000, 9_000_000, 3_000_000, 6_000_000)
    is_direct: bool = Field(description="直达资金: the money carries the direct-fund mark.")


class CreditOverdue(Event, type="funds.credit.overdue", version=1, full_state=True):
    """小额信贷逾期: how far a small loan is overdue, as it now stands."""

    loan: UUID
    person: UUID
    days: int = Field(ge=0, description="Days overdue; 0 once it is settled.", examples=[31])
    amount_fen: int = Field(ge=0, description="Overdue in 分.", examples=[500_000])


EVENTS: tuple[type[Event], ...] = (ProjectAccepted, ProjectSettled, PaymentMade, CreditOverdue)
"""Every event type of this contract; none is published yet."""
