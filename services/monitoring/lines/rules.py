"""Find the monitoring line in force for a county on a day.

A line is data: an area, dates, an amount, a source. A decision keeps the line that it used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from chassis.errors import DomainError, Fault, Message
from chassis.security.scope import Area, Level, level_of
from services.monitoring.codes.monitoring import ClassificationBasis, Rule60


class LineMissing(DomainError):
    code, status = "line_missing", 409
    title = Message("监测线尚未设置，请先录入。", "A monitoring line is not set for this day; enter it first.")


@dataclass(frozen=True, slots=True)
class BaseLine:
    """监测范围: per-capita income set by a province, or below it by a city or county for itself.

    :param amount_fen: 分 a person and year. ``valid_to``: last day, None while open. ``source``: the paper's number.
    """

    id: UUID
    region: int
    amount_fen: int
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class CountyIncome:
    """A county's per-capita net income of ``year``, and the days on which it is the previous year's figure in use."""

    id: UUID
    region: int
    year: int
    per_capita_fen: int
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Rule60Setting:
    """How a county uses the share of its own income as a second line.

    :param percent: the share in hundredths; 60 where the rule is named after it.
    """

    id: UUID
    region: int
    mode: Rule60
    percent: int
    valid_from: date
    valid_to: date | None
    source: str


class Dated(Protocol):
    """A row for one division between two days, both included."""

    @property
    def id(self) -> UUID: ...
    @property
    def region(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True, slots=True)
class EffectiveLine:
    """The line that a decision on ``on`` uses, and what it was made of; kept with the decision.

    :param line_fen: the higher of the base line and, where the rule is ``register``, the county line.
    :param basis: which of the two it is; a tie is the base line's.
    :param county_fen: the county line, None where the rule is ``off``; under ``watch`` it never decides.
    :param row_ids: rows that it came from; ``sources``: their papers, base line first.
    """

    county: int
    on: date
    line_fen: int
    basis: ClassificationBasis
    base_fen: int
    county_fen: int | None
    rule_60: Rule60
    row_ids: tuple[UUID, ...]
    sources: tuple[str, ...]


def effective_line(
    *,
    county: int,
    on: date,
    base_lines: Iterable[BaseLine],
    incomes: Iterable[CountyIncome] = (),
    settings: Iterable[Rule60Setting] = (),
) -> EffectiveLine:
    """``max(base line, county line)`` in force in ``county`` on ``on`` (clause B2); without a setting the rule is off.

    A city's or county's own base line may lie above the province's and never takes a household out of its range.

    :raises LineMissing: naming each row that has to be entered first.
    """
    if level_of(county) is not Level.COUNTY:
        raise ValueError("monitoring lines are asked for a county")
    base = _highest(base_lines, county=county, on=on)
    setting = in_force(settings, county=county, on=on)
    mode = setting.mode if setting else Rule60.OFF
    income = in_force(incomes, county=county, on=on) if mode is not Rule60.OFF else None
    missing = []
    if base is None:
        missing.append(_NO_BASE)
    if mode is not Rule60.OFF and income is None:
        missing.append(_NO_INCOME)
    if base is None or missing:
        raise LineMissing(faults=missing)
    used: list[BaseLine | CountyIncome | Rule60Setting] = [base]
    county_fen = None
    if setting is not None:
        used.append(setting)
    if setting is not None and income is not None:
        used.append(income)
        county_fen = county_line_fen(income.per_capita_fen, percent=setting.percent)
    line_fen, basis = base.amount_fen, ClassificationBasis.PROVINCE_LINE
    if mode is Rule60.REGISTER and county_fen is not None and county_fen > line_fen:
        line_fen, basis = county_fen, ClassificationBasis.COUNTY_60
    return EffectiveLine(
        county=county,
        on=on,
        line_fen=line_fen,
        basis=basis,
        base_fen=base.amount_fen,
        county_fen=county_fen,
        rule_60=mode,
        row_ids=tuple(row.id for row in used),
        sources=tuple(row.source for row in used),
    )


def county_line_fen(per_capita_fen: int, *, percent: int) -> int:
    """The county's share in whole 分, a half rounded up: a line is an amount, so it is rounded once, here."""
    return (per_capita_fen * percent + 50) // 100


def in_force(rows: Iterable[Row], *, county: int, on: date) -> Row | None:
    """The row of the smallest division around ``county`` that holds on ``on``."""
    return max(_holding(rows, county=county, on=on), key=lambda row: level_of(row.region), default=None)


def _highest(lines: Iterable[BaseLine], *, county: int, on: date) -> BaseLine | None:
    """The highest base line around ``county`` that holds on ``on``; of equal ones that of the larger division."""
    holding = _holding(lines, county=county, on=on)
    return max(holding, key=lambda line: (line.amount_fen, -level_of(line.region)), default=None)


def _holding(rows: Iterable[Row], *, county: int, on: date) -> list[Row]:
    return [
        row
        for row in rows
        if Area.of(row.region).contains(county)
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
    ]


_NO_BASE = Fault(
    "/base_lines",
    "base_line_missing",
    Message(
        "当日没有有效的省定监测范围，请录入金额、起止日期和文号。",
        "No base line holds on that day; enter its amount, dates and paper.",
    ),
)
_NO_INCOME = Fault(
    "/incomes",
    "county_income_missing",
    Message(
        "本县采用60%规则，但当日没有可用的上年人均纯收入，请先录入。",
        "The county uses the 60 % rule, but no previous-year income holds on that day; enter it first.",
    ),
)
