"""The events that employment publishes; the only part of it that another service may import.

They carry ids, divisions, dates, codes and amounts in 分: no name, ID number, phone, account or employer. Codes are
texts, not enumerations, because a published enumeration could never gain a value.

No order is promised between spells and wages: they are different subjects.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from chassis.events.event import Event

_KIND = Field(
    description="`work` 务工, `workshop` 帮扶车间, `post` 公益性岗位 or `self` 自主创业.", examples=["workshop"]
)
_PLACE = Field(
    None,
    description="Division code of twelve digits of the county of work; null if unknown or abroad.",
    examples=[610999000000],
)


class SpellStarted(Event, type="employment.spell.started", version=1):
    """就业开始: a person began to work somewhere."""

    spell: UUID
    person: UUID
    kind: str = _KIND
    place: int | None = _PLACE
    on: date = Field(description="The first day of work.", examples=["2024-07-05"])
    reason: str | None = Field(None, description="Code of what led to it.", examples=["trip"])


class SpellEnded(Event, type="employment.spell.ended", version=1):
    """就业结束: a person no longer works there."""

    spell: UUID
    person: UUID
    kind: str = _KIND
    place: int | None = _PLACE
    on: date = Field(description="The last day of work.", examples=["2025-01-18"])
    reason: str | None = Field(None, description="Code of why it ended, such as clause D4's.", examples=["other_job"])


class IncomeRecorded(Event, type="employment.income.recorded", version=1, full_state=True):
    """工资收入: what a person earned in one month of one spell, as it now stands.

    Its subject is the wage of that spell and month, and the aggregate's version is ``revision``: a later one replaces
    what was told before.
    """

    spell: UUID
    person: UUID
    household: UUID
    month: str = Field(description="The month worked, `YYYY-MM`.", examples=["2024-07"])
    kind: str = _KIND
    post_level: str | None = Field(
        None,
        description="Of a `post`: who made it, `sector` 行业部门, `town` 乡镇 or `village` 村级; null for other kinds.",
    )
    place: int | None = _PLACE
    amount_fen: int = Field(ge=0, description="In 分; 0 once it was taken back.", examples=[280_000])
    revision: int = Field(ge=1)


class SubsidyPaid(Event, type="employment.subsidy.paid", version=1, full_state=True):
    """补贴发放: a subsidy was paid to a person, as it now stands; a later ``revision`` replaces an earlier one."""

    subsidy: UUID
    person: UUID
    household: UUID
    kind: str = Field(
        description="`transport`, `training`, `absorption`, `entrepreneurship` or `job_loss` (clause D5).",
        examples=["transport"],
    )
    paid_on: date = Field(examples=["2024-10-10"])
    amount_fen: int = Field(ge=0, description="In 分; 0 once it was taken back.", examples=[50_000])
    revision: int = Field(ge=1)


EVENTS: tuple[type[Event], ...] = (SpellStarted, SpellEnded, IncomeRecorded, SubsidyPaid)
"""Every event type of this contract; none is published yet."""
