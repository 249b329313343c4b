"""Work out a household's net and reference income over a named window, with every line that went into it.

Amounts are whole 分. What decides is never a per-capita figure: a sum is compared with the line times the members,
and the rounded figure is for people to read (clause B4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.monitoring.codes.income import IncomeGroup, IncomeLineKind

MONTHS: Final = 12  # what "a year's income" means in every window of clause B3

_EARNED: Final = (IncomeGroup.WAGE, IncomeGroup.OPERATING_INCOME, IncomeGroup.PROPERTY, IncomeGroup.TRANSFER)


class WindowKind(StrEnum):
    """Which window a rule or a decision names (clause B3)."""

    DECISION = "decision"
    ANNUAL = "annual"


@dataclass(frozen=True, slots=True)
class Window:
    """Twelve whole months, both days included."""

    kind: WindowKind
    first: date
    last: date

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last


def decision_window(decided_on: date) -> Window:
    """The window for entry and exit: twelve whole months that end with the month before the decision."""
    month_begins = decided_on.replace(day=1)
    return Window(WindowKind.DECISION, month_begins.replace(year=month_begins.year - 1), month_begins - _DAY)


def annual_window(year: int, *, first_month: int) -> Window:
    """The window of the yearly update that ends in ``year``.

    :param first_month: 1 to 12, the month that it begins with; a parameter (10: 1 October to 30 September).
    """
    ends_before = date(year + 1 if first_month == 1 else year, first_month, 1)
    return Window(WindowKind.ANNUAL, ends_before.replace(year=ends_before.year - 1), ends_before - _DAY)


def last_annual_window(on: date, *, first_month: int) -> Window:
    """The latest window of the yearly update that is over on ``on``."""
    this_year = annual_window(on.year, first_month=first_month)
    return this_year if this_year.last < on else annual_window(on.year - 1, first_month=first_month)


def annual_window_of(day: date, *, first_month: int) -> Window:
    """The window of the yearly update that ``day`` lies in."""
    this_year = annual_window(day.year, first_month=first_month)
    return this_year if day <= this_year.last else annual_window(day.year + 1, first_month=first_month)


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """One amount that a household got or had to pay.

    :param id: of the stored line, by which a statement names what it used.
    :param amount_fen: 分, never negative: the kind's group says whether it adds or takes away.
    :param on: the day on which it counts: of payment, or any day of its month for a monthly wage.
    :param source: who said so: a department's batch, an event, a cadre's form.
    """

    id: str
    kind: IncomeLineKind
    amount_fen: int
    on: date
    source: str

    def __post_init__(self) -> None:
        if self.amount_fen < 0:
            raise ValueError("an income line is never negative; a correction replaces the line")


@dataclass(frozen=True, slots=True)
class PerCapita:
    """A sum for each member: the exact fraction, and its display."""

    numerator_fen: int
    members: int

    @property
    def rounded_fen(self) -> int:
        """In 分, a half rounded away from zero; for display only."""
        sign = -1 if self.numerator_fen < 0 else 1
        return sign * ((2 * abs(self.numerator_fen) + self.members) // (2 * self.members))


@dataclass(frozen=True, slots=True)
class Statement:
    """收支情况: what a household had in one window (clause B4).

    :param totals_fen: 分 for each group, zeros included.
    :param lines: the lines that the totals are made of, in the order of the form, then by date.
    :param members: how many people share the income.
    """

    window: Window
    members: int
    totals_fen: Mapping[IncomeGroup, int]
    lines: tuple[IncomeLine, ...]

    @property
    def net_fen(self) -> int:
        """纯收入: wage, operating income, property and transfer, less operating expense."""
        return sum(self.totals_fen[group] for group in _EARNED) - self.totals_fen[IncomeGroup.OPERATING_EXPENSE]

    @property
    def ref_fen(self) -> int:
        """收入参考: net plus claims, less what the household really had to pay itself within policy."""
        return self.net_fen + self.totals_fen[IncomeGroup.CLAIMS] - self.totals_fen[IncomeGroup.SELF_PAY]

    @property
    def pc_net(self) -> PerCapita:
        return PerCapita(self.net_fen, self.members)

    @property
    def pc_ref(self) -> PerCapita:
        return PerCapita(self.ref_fen, self.members)

    @property
    def line_ids(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)


def statement(lines: Iterable[IncomeLine], *, window: Window, members: int) -> Statement:
    """The statement of ``window`` from all known lines of a household; lines of other days are left out.

    :raises ValueError: without members, or if one line is given twice.
    """
    if members < 1:
        raise ValueError("a statement needs at least one member")
    order = {kind: place for place, kind in enumerate(IncomeLineKind)}
    used = sorted(
        (line for line in lines if window.contains(line.on)), key=lambda line: (order[line.kind], line.on, line.id)
    )
    if len({line.id for line in used}) < len(used):
        raise ValueError("one income line was given twice")
    totals = dict.fromkeys(IncomeGroup, 0)
    for line in used:
        totals[line.kind.group] += line.amount_fen
    return Statement(window, members, totals, tuple(used))


def is_below_line(total_fen: int, line_fen: int, members: int) -> bool:
    """Whether ``total_fen`` for each of ``members`` lies under the line: strictly, and without dividing (clause B2)."""
    return total_fen < line_fen * members


_DAY: Final = timedelta(days=1)
