"""What an export says of one household, beside what an import of the registry takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.monitoring import MeasureKind
from services.monitoring.codes.visits import VisitWay
from services.monitoring.households.importing.model import Piece
from services.monitoring.households.rules.facts import IncomeFigures
from services.monitoring.households.rules.monitoring_facts import SaidMonitoring


@dataclass(frozen=True, slots=True, repr=False)
class SaidPerson:
    """A member as written; ``identity`` is the canonical ID number, None where there is none that can be read."""

    national_no: str | None
    name: str | None
    birth_date: date | None
    identity: str | None


@dataclass(frozen=True, slots=True)
class SaidIncome:
    """Amounts in 分 by kind, of the twelve whole months from ``first`` to ``last``."""

    first: date
    last: date
    amounts: Mapping[IncomeLineKind, int]


@dataclass(frozen=True, slots=True)
class SaidMeasure:
    """One measure; no last day while it goes on."""

    kind: MeasureKind
    started_on: date
    ended_on: date | None = None
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class SaidVisit:
    """The last visit to the household."""

    visited_on: date
    way: VisitWay
    findings: str | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NationalPiece:
    """One household of the file.

    :param piece: as an import of the registry takes it; its faults are those of all columns.
    :param number: 户编号; None if the row has none. ``region``: its village, if the file names one of ours.
    :param monitoring: None if the household is not monitored, or the file does not say it soundly.
    :param has_contact, income_after: what only the doubts about a monitored household need.
    """

    piece: Piece
    number: str | None
    region: int | None = None
    is_lifted: bool | None = None
    monitoring: SaidMonitoring | None = None
    has_contact: bool = False
    income_after: IncomeFigures = field(default_factory=IncomeFigures)
    income: SaidIncome | None = None
    measures: tuple[SaidMeasure, ...] = ()
    visit: SaidVisit | None = None
    persons: tuple[SaidPerson, ...] = ()
