"""What monitoring hears from other services; the only file here that imports another's contract.

One line of income for each fact: a household's share of an asset's income, a month's wage of a spell of work, a subsidy
paid. Only dividends come from assets: what an asset pays for public posts arrives as wages, and would count twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from chassis.events.subscriptions import AnySubscription, StateSubscription, Subscription
from services.assets.contract import IncomeDistributed
from services.employment.contract import IncomeRecorded, SpellEnded, SpellStarted, SubsidyPaid
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.income.actions.hear import HeardFact, hear_facts
from services.monitoring.work.actions.hear import hear_end, hear_start

_POSTS: Final[Mapping[str | None, IncomeLineKind]] = {
    "sector": IncomeLineKind.WAGE_SECTOR_POST,
    "town": IncomeLineKind.WAGE_TOWN_POST,
    "village": IncomeLineKind.WAGE_VILLAGE_POST,
}
_WORK: Final[Mapping[str, IncomeLineKind]] = {
    "work": IncomeLineKind.WAGE_OUTSIDE_WORK,
    "workshop": IncomeLineKind.WAGE_OUTSIDE_WORK,
    "self": IncomeLineKind.OPERATING_OTHER,
}


async def hear_dividends(unit: UnitOfWork, told: Sequence[tuple[IncomeDistributed, Envelope]]) -> None:
    """资产收益分配: property income of the household, on the day that it was paid."""
    dividend, source = IncomeLineKind.PROPERTY_ASSET_DIVIDEND, "资产台账：收益分配"
    facts = [
        HeardFact(by, event.household, None, dividend, event.amount_fen, event.paid_on, source) for event, by in told
    ]
    await hear_facts(unit, facts)


async def hear_wages(unit: UnitOfWork, told: Sequence[tuple[IncomeRecorded, Envelope]]) -> None:
    """工资: counts in the month worked; what somebody earned with a business of their own is operating income."""
    source = "就业台账：工资"
    facts = [
        HeardFact(by, event.household, event.person, _kind_of(event), event.amount_fen, _first(event.month), source)
        for event, by in told
    ]
    await hear_facts(unit, facts)


async def hear_subsidies(unit: UnitOfWork, told: Sequence[tuple[SubsidyPaid, Envelope]]) -> None:
    """就业补贴: transfer income on the day that it was paid."""
    subsidy, source = IncomeLineKind.TRANSFER_EMPLOYMENT_SUBSIDY, "就业台账：补贴"
    facts = [
        HeardFact(by, event.household, event.person, subsidy, event.amount_fen, event.paid_on, source)
        for event, by in told
    ]
    await hear_facts(unit, facts)


def _kind_of(event: IncomeRecorded) -> IncomeLineKind:
    """A kind that this version does not know is a wage that nobody has divided."""
    kinds: Mapping[Any, IncomeLineKind] = _POSTS if event.kind == "post" else _WORK
    key = event.post_level if event.kind == "post" else event.kind
    return kinds.get(key, IncomeLineKind.WAGE_UNDIVIDED)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


async def hear_spell_started(unit: UnitOfWork, event: SpellStarted, _envelope: Envelope) -> None:
    """就业开始: the spell of work that screening and the household's page look at."""
    await hear_start(unit, event.spell, person=event.person, kind=event.kind, place=event.place, on=event.on)


async def hear_spell_ended(unit: UnitOfWork, event: SpellEnded, _envelope: Envelope) -> None:
    """就业结束."""
    await hear_end(
        unit, event.spell, person=event.person, kind=event.kind, place=event.place, on=event.on, reason=event.reason
    )


SUBSCRIPTIONS: Final[tuple[AnySubscription, ...]] = (
    StateSubscription(IncomeDistributed, hear_dividends),
    StateSubscription(IncomeRecorded, hear_wages),
    StateSubscription(SubsidyPaid, hear_subsidies),
    Subscription(SpellStarted, hear_spell_started),
    Subscription(SpellEnded, hear_spell_ended),
)
