"""Add up the households that were ever registered, and set each ratio beside what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

QUERY_VERSION: Final = 5
"""Raised when the same question would give another figure; a published figure keeps the one that it was made with."""


class Figure(StrEnum):
    """What is counted. Every registered household is active, eliminated or ended: the books add up."""

    REGISTERED = "registered"
    ACTIVE = "active"
    ELIMINATED = "eliminated"
    ENDED = "ended"


class Grouping(StrEnum):
    """By what the figures are told apart."""

    TYPE = "type"
    RISK = "risk"
    BASIS = "basis"
    REGION = "region"
    MONTH = "month"


class CountedBasis(StrEnum):
    """What a registration was decided by (clause B5), or that another system told of it without saying so."""

    PROVINCE_LINE = "province_line"
    COUNTY_60 = "county_60"
    SHOCK = "shock"
    GUARANTEE = "guarantee"
    TAKEN_OVER = "taken_over"


class Stage(StrEnum):
    """How far a case has come, counted from the change at its source (product: the loop has a clock)."""

    HIT = "hit"
    VERIFIED = "verified"
    REGISTERED = "registered"
    FIRST_MEASURE = "first_measure"
    ELIMINATED = "eliminated"


@dataclass(frozen=True, slots=True)
class Count:
    """户 and 人, which are never one number."""

    households: int = 0
    persons: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.households + other.households, self.persons + other.persons)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with all that it is made of; ``numerator`` and ``denominator`` have the same unit.

    :param unit: ``户`` or ``人``.
    """

    numerator: int
    denominator: int
    unit: str
    on: date

    @property
    def percent(self) -> Decimal | None:
        """With two decimals, a half rounded up; None where there is nothing to divide by. For display only."""
        if self.denominator == 0:
            return None
        exact = Decimal(100 * self.numerator) / self.denominator
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def add_up(cells: Iterable[tuple[Figure, Count]]) -> Mapping[Figure, Count]:
    """Each figure over ``cells``, zeros included; registered is what the other three add up to."""
    totals = dict.fromkeys(Figure, Count())
    for figure, count in cells:
        totals[figure] += count
        totals[Figure.REGISTERED] += count
    return totals


def elimination_rates(totals: Mapping[Figure, Count], *, on: date) -> tuple[Ratio, Ratio]:
    """风险消除率: eliminated of all registered, for 户 and for 人."""
    done, all_of = totals[Figure.ELIMINATED], totals[Figure.REGISTERED]
    return (
        Ratio(done.households, all_of.households, "户", on),
        Ratio(done.persons, all_of.persons, "人", on),
    )
