"""低保收入认定 (L-12): what of a year's income counts for 低保, line by line; never mixed with net income per head.

The basic pension does not count, and the cost of working is taken off wages. What does not count is an area's list of
kinds: lines of pension are not divided into basic and personal parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.income.rules import MONTHS, IncomeLine

_WHOLE: Final = 100  # percent
_OUTSIDE: Final = frozenset({IncomeGroup.CLAIMS, IncomeGroup.SELF_PAY})


class Treatment(StrEnum):
    """How a line counts."""

    COUNTED = "counted"
    WORKING_COST_DEDUCTED = "working_cost_deducted"
    EXPENSE = "expense"
    EXCLUDED = "excluded"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A line and what it comes to: 分, below zero for an expense."""

    line: IncomeLine
    treatment: Treatment
    counted_fen: int


@dataclass(frozen=True, slots=True)
class Review:
    """The income that counts for 低保 over twelve months, for ``members``."""

    lines: tuple[CountedLine, ...]
    members: int

    @property
    def counted_fen(self) -> int:
        return sum(line.counted_fen for line in self.lines)

    def is_below(self, standard_fen: int) -> bool:
        """Whether it lies under a month's ``standard_fen`` for each member: strictly, and without dividing."""
        return self.counted_fen < standard_fen * MONTHS * self.members


def review(
    lines: Iterable[IncomeLine], *, members: int, excluded: AbstractSet[IncomeLineKind], working_cost_percent: int
) -> Review:
    """What each of the window's lines counts; a broken 分 of working cost is not deducted."""
    return Review(tuple(_counted(line, excluded, working_cost_percent) for line in lines), members)


def _counted(line: IncomeLine, excluded: AbstractSet[IncomeLineKind], percent: int) -> CountedLine:
    group = line.kind.group
    if group in _OUTSIDE:
        return CountedLine(line, Treatment.OUTSIDE, 0)
    if line.kind in excluded:
        return CountedLine(line, Treatment.EXCLUDED, 0)
    if group is IncomeGroup.OPERATING_EXPENSE:
        return CountedLine(line, Treatment.EXPENSE, -line.amount_fen)
    if group is IncomeGroup.WAGE:
        cost = line.amount_fen * percent // _WHOLE
        return CountedLine(line, Treatment.WORKING_COST_DEDUCTED, line.amount_fen - cost)
    return CountedLine(line, Treatment.COUNTED, line.amount_fen)
