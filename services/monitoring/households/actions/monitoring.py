"""Record what a source says of many households' monitoring: dated facts are added, the households show the last one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from services.monitoring.codes.monitoring import (
    ClassificationBasis,
    DisasterKind,
    EliminationMode,
    MonitoringType,
    Risk,
)
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.importing.findings import renew_many
from services.monitoring.households.importing.model import Setting
from services.monitoring.households.judge import judge_standing
from services.monitoring.households.rules.facts import IncomeFigures, MonitoringFacts
from services.monitoring.households.rules.monitoring_facts import DatedFact, Monitoring, SaidMonitoring, facts_after
from services.monitoring.households.standing import living_members
from services.monitoring.households.tables import Household, MonitoringFact
from services.monitoring.households.versions import Change, Versions, tell_household, tell_person

ACTION: Final = "household.record_monitoring"
_HOUSEHOLD: Final = rows(Household)
_FACT: Final = rows(MonitoringFact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who speaks: its kind, which of its papers, and the day for which that speaks."""

    kind: str
    id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a source says of one household; the figures and the contact are there for the doubts alone."""

    household_id: UUID
    said: SaidMonitoring
    has_contact: bool = False
    income_after: IncomeFigures


@dataclass(frozen=True, slots=True)
class _Known:
    """A household's row, its latest state of monitoring, and how many facts it has."""

    row: Any
    state: Monitoring | None
    number: int


async def record_monitoring(
    unit: UnitOfWork, told: Sequence[Told], source: Source, setting: Setting, *, codes: Collection[str]
) -> set[UUID]:
    """The households whose monitoring is another one afterwards.

    A household that others see under another type is told again with its members.

    :param told: each household once, all in the unit's area and alive.
    :param codes: of the doubts that the source knows enough to raise or to end.
    """
    if not told:
        return set()
    known = await _known(unit, [one.household_id for one in told])
    added = {one.household_id: facts_after(known[one.household_id].state, one.said, on=source.on) for one in told}
    changed = {household: facts for household, facts in added.items() if facts}
    now = {household: entry.row for household, entry in known.items()}
    if changed:
        now |= await _change(unit, known, changed, source)
        await unit.connection.execute(insert(_FACT), _rows(known, changed, source))
    states = {household: facts[-1].state if facts else known[household].state for household, facts in added.items()}
    await _judge(unit, told, now, states, setting, codes)
    return set(changed)


async def _known(unit: UnitOfWork, households: Sequence[UUID]) -> dict[UUID, _Known]:
    area = unit.area
    locked = await unit.connection.execute(
        select(_HOUSEHOLD)
        .where(_HOUSEHOLD.c.id.in_(households), _HOUSEHOLD.c.region.between(area.lo, area.hi))
        .order_by(_HOUSEHOLD.c.id)
        .with_for_update()
    )
    latest = await unit.connection.execute(
        select(_FACT)
        .ext(distinct_on(_FACT.c.household_id))
        .where(_FACT.c.household_id.in_(households), _FACT.c.region.between(area.lo, area.hi))
        .order_by(_FACT.c.household_id, _FACT.c.number.desc())
    )
    facts = {row.household_id: row for row in latest}
    return {row.id: _Known(row, _state(facts.get(row.id)), _number(facts.get(row.id))) for row in locked}


def _number(fact: Any) -> int:
    return 0 if fact is None else int(fact.number)


def _state(fact: Any) -> Monitoring | None:
    if fact is None:
        return None
    return Monitoring(
        monitoring_type=MonitoringType(fact.monitoring_type),
        risks=tuple(map(Risk, fact.risks)),
        registered_on=fact.registered_on,
        basis=fact.basis and ClassificationBasis(fact.basis),
        disaster_kind=fact.disaster_kind and DisasterKind(fact.disaster_kind),
        risk_note=fact.risk_note,
        eliminated_on=fact.eliminated_on,
        elimination_mode=fact.elimination_mode and EliminationMode(fact.elimination_mode),
        ended_on=fact.ended_on,
        ended_as=fact.ended_as,
    )


async def _change(
    unit: UnitOfWork,
    known: Mapping[UUID, _Known],
    changed: Mapping[UUID, Sequence[DatedFact]],
    source: Source,
) -> dict[UUID, Any]:
    """The rows of the households as they show their last facts; told with what changed in them."""
    versions = Versions(unit)
    changes = [
        Change(known[household].row, _shown(facts[-1].state), max(known[household].row.valid_from, source.on))
        for household, facts in changed.items()
    ]
    differing = [change for change in changes if change.fields]
    written = await versions.households(differing)
    now = {row.id: row for row in written}
    for change, row in zip(differing, written, strict=True):
        tell_household(unit, ACTION, change, row)
    for change in changes:
        if not change.fields:  # a fact that the household's row has no column for
            unit.record(ACTION, Aggregate("household", change.row.id, change.row.region, version=0), fields=["risks"])
    typed = {change.row.id: now[change.row.id] for change in differing if "monitoring_type" in change.fields}
    if typed:
        members = await living_members(unit, typed, lock=True)
        again = [Change(member, {}, max(member.valid_from, source.on)) for member in members]
        for change, row in zip(again, await versions.persons(again), strict=True):
            tell_person(unit, ACTION, change, row, typed[row.household_id])
    return now


def _shown(state: Monitoring) -> dict[str, Any]:
    """The household's own columns; one that is monitored no longer shows nothing of it.

    What ended naturally is kept beside them: that household was registered, and is counted as ended for ever.
    """
    if state.ended_as is None:
        return _said(state) | {"ended_monitoring": None}
    nothing = dict.fromkeys(("monitoring_type", "registered_on", "eliminated_on", "elimination_mode"))
    return {**nothing, "risks": [], "ended_monitoring": _ended(state) if state.ended_as == "natural_end" else None}


def _ended(state: Monitoring) -> dict[str, Any]:
    assert state.ended_on is not None  # an end has a day, as its table demands
    return {
        "monitoring_type": state.monitoring_type.value,
        "risks": [risk.value for risk in state.risks],
        "registered_on": state.registered_on.isoformat(),
        "ended_on": state.ended_on.isoformat(),
    }


def _said(state: Monitoring) -> dict[str, Any]:
    return {
        "monitoring_type": state.monitoring_type.value,
        "risks": [risk.value for risk in state.risks],
        "registered_on": state.registered_on,
        "eliminated_on": state.eliminated_on,
        "elimination_mode": state.elimination_mode and state.elimination_mode.value,
    }


def _rows(
    known: Mapping[UUID, _Known], changed: Mapping[UUID, Sequence[DatedFact]], source: Source
) -> list[dict[str, Any]]:
    return [
        {
            "household_id": household,
            "number": known[household].number + place,
            "region": known[household].row.region,
            "holds_from": fact.holds_from,
            **_said(fact.state),
            "disaster_kind": fact.state.disaster_kind,
            "risk_note": fact.state.risk_note,
            "ended_on": fact.state.ended_on,
            "ended_as": fact.state.ended_as,
            "basis": fact.state.basis and fact.state.basis.value,
            "source": source.kind,
            "source_id": source.id,
        }
        for household, facts in changed.items()
        for place, fact in enumerate(facts, 1)
    ]


async def _judge(
    unit: UnitOfWork,
    told: Sequence[Told],
    now: Mapping[UUID, Any],
    states: Mapping[UUID, Monitoring | None],
    setting: Setting,
    codes: Collection[str],
) -> None:
    members: dict[UUID, list[Any]] = {household: [] for household in now}
    for row in await living_members(unit, now):
        members[row.household_id].append(row)

    def doubts(one: Told) -> list[Doubt]:
        household, state = now[one.household_id], states[one.household_id]
        if state is None:
            return []
        verdict = judge_standing(
            household,
            members[household.id],
            unit.vault,
            today=setting.today,
            thresholds=setting.thresholds,
            known_areas=setting.known_areas,
            monitoring=_facts(one, state),
        )
        return [doubt for doubt in verdict.doubts_of(members[household.id]) if doubt.fault.code in codes]

    def judged() -> list[tuple[Any, Sequence[Doubt]]]:
        return [(now[one.household_id], doubts(one)) for one in told]

    await renew_many(unit, await asyncio.to_thread(judged), codes=codes)


def _facts(one: Told, state: Monitoring) -> MonitoringFacts:
    return MonitoringFacts(
        monitoring_type=state.monitoring_type,
        risks=state.risks,
        registered_on=state.registered_on,
        self_pay_fen=one.income_after.self_pay_fen,
        risks_explained=state.risk_note is not None,
        disaster_kind=state.disaster_kind,
        eliminated_on=state.eliminated_on,
        elimination_mode=state.elimination_mode,
        income_after=one.income_after if state.eliminated_on is not None else None,
        has_contact=one.has_contact,
    )
