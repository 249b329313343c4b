"""The events that assets publishes; the only part of it that another service may import.

They carry ids, divisions, dates, codes and amounts in 分: no name, ID number, phone or account. Codes are texts, not
enumerations, because a published enumeration could never gain a value.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from chassis.events.event import Event

_CLASS = Field(
    description="资产类别: `operating` 经营性, `public` 公益性 or `household` 到户类 (clause C1).",
    examples=["operating"],
)
_OWNER_KIND = Field(
    description="Whose it is: `state`, `village_collective`, `household` or `other` (clause C2).",
    examples=["village_collective"],
)
_PROJECT = Field(description="The project that made it; null for an asset from before the project library.")


class AssetRegistered(Event, type="assets.asset.registered", version=1):
    """确权登记: an asset has its owner and its number, and stands in the ledger (clause C4)."""

    asset: UUID
    project: UUID | None = _PROJECT
    asset_class: str = _CLASS
    owner_kind: str = _OWNER_KIND
    value_fen: int = Field(ge=0, description="Original value in 分.", examples=[146_000_000])


class AssetDisposed(Event, type="assets.asset.disposed", version=1):
    """资产处置: an asset was sold, transferred, converted, stopped, lost or scrapped (clause C8)."""

    asset: UUID
    project: UUID | None = _PROJECT
    asset_class: str = _CLASS
    owner_kind: str = _OWNER_KIND
    value_fen: int = Field(ge=0, description="Original value in 分 of what left the ledger.", examples=[146_000_000])


class IncomeDistributed(Event, type="assets.income.distributed", version=1, full_state=True):
    """收益分配到户: one household's line of a distribution, as it now stands (clause C7).

    Its subject is the line, and the aggregate's version is ``revision``: a later one replaces what was told before.
    """

    line: UUID
    distribution: UUID
    asset: UUID
    project: UUID | None = _PROJECT
    household: UUID
    period: str = Field(description="The year or month whose income is distributed.", examples=["2024", "2024-06"])
    paid_on: date = Field(examples=["2025-01-20"])
    amount_fen: int = Field(ge=0, description="In 分; 0 once the line was taken back.", examples=[73_000])
    reason_code: str = Field(description="Why this household gets a share of this size.", examples=["no_labour"])
    revision: int = Field(ge=1)


class PostShareSet(Event, type="assets.post_share.set", version=1, full_state=True):
    """公益岗位工资份额: what an asset's income of one year may pay for public posts of a village, as it now stands."""

    asset: UUID
    village: int = Field(description="Division code of twelve digits.", examples=[610999101203])
    year: int = Field(examples=[2024])
    amount_fen: int = Field(ge=0, description="In 分.", examples=[3_504_000])


EVENTS: tuple[type[Event], ...] = (AssetRegistered, AssetDisposed, IncomeDistributed, PostShareSet)
"""Every event type of this contract; none is published yet."""
