"""Make the dated facts of what a source says about a household's monitoring; none is overwritten (clause B1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

from services.monitoring.codes.monitoring import (
    ClassificationBasis,
    DisasterKind,
    EliminationMode,
    MonitoringType,
    Risk,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What holds of a household's monitoring.

    :param risks: the first one first. ``disaster_kind`` belongs to risk 04, ``risk_note`` to 99.
    :param ended_on: the household is monitored no longer: it was registered by mistake (``removed``), nobody is left
        (``natural_end``), or its people joined another one, which goes on with its case (``merged``). That is neither
        of the two ways in which a risk ends.
    :param basis: by what the registration was decided; None where another system decided it.
    """

    monitoring_type: MonitoringType
    risks: tuple[Risk, ...]
    registered_on: date
    basis: ClassificationBasis | None = None
    disaster_kind: DisasterKind | None = None
    risk_note: str | None = None
    eliminated_on: date | None = None
    elimination_mode: EliminationMode | None = None
    ended_on: date | None = None
    ended_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidMonitoring:
    """What a source says of it; None where it says nothing.

    :param since: from when it holds for this household, if that is after the registration: its case came with people
        who joined it.
    """

    monitoring_type: MonitoringType
    registered_on: date
    basis: ClassificationBasis | None = None
    risks: tuple[Risk, ...] | None = None
    disaster_kind: DisasterKind | None = None
    risk_note: str | None = None
    eliminated_on: date | None = None
    elimination_mode: EliminationMode | None = None
    ended_on: date | None = None
    ended_as: str | None = None
    since: date | None = None


class DatedFact(NamedTuple):
    """``state`` holds from a day on, until a later fact says otherwise."""

    holds_from: date
    state: Monitoring


_END: Final = ("eliminated_on", "elimination_mode")
_STOP: Final = ("ended_on", "ended_as")
_ENDS: Final = (*_END, *_STOP)


def facts_after(known: Monitoring | None, said: SaidMonitoring, *, on: date) -> tuple[DatedFact, ...]:
    """The facts that ``said`` adds to ``known``, in the order of their days; the last one's state is what holds now.

    Registration and elimination hold from their own days. Any other change holds from ``on``, the day for which the
    source speaks, since it does not tell when it happened. Another day of registration begins anew: nothing of the
    monitoring before it, its end least of all, says anything about this one.
    """
    if known is None or known.registered_on != said.registered_on:
        begun = Monitoring(
            monitoring_type=said.monitoring_type,
            risks=said.risks or (),
            registered_on=said.registered_on,
            basis=said.basis,
            disaster_kind=said.disaster_kind,
            risk_note=said.risk_note,
        )
        facts = [DatedFact(said.since or said.registered_on, begun)]
        if said.eliminated_on is not None:
            ended = replace(begun, eliminated_on=said.eliminated_on, elimination_mode=said.elimination_mode)
            facts.append(DatedFact(max(said.eliminated_on, facts[0].holds_from), ended))
        return tuple(facts)
    told = _told(said)
    changed = {name: value for name, value in told.items() if name not in _ENDS and getattr(known, name) != value}
    end = {name: told[name] for name in _END if name in told and getattr(known, name) != told[name]}
    changes = [(on, changed)] if changed else []
    if end:
        changes.append((said.eliminated_on or known.eliminated_on or on, end))
    stop = {name: told[name] for name in _STOP if name in told and getattr(known, name) != told[name]}
    if stop:
        changes.append((said.ended_on or on, stop))
    facts = []
    state = known
    for day, values in sorted(changes, key=lambda change: change[0]):
        state = replace(state, **values)
        facts.append(DatedFact(day, state))
    return tuple(facts)


def _told(said: SaidMonitoring) -> Mapping[str, Any]:
    told = {name: getattr(said, name) for name in said.__dataclass_fields__ if name != "since"}
    return {name: value for name, value in told.items() if value is not None}
