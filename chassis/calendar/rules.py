"""Count days and working days; say when a year's arrangement was not known and weekends had to do.

The day that something starts on is not counted, the last one is: a term of three days from Monday ends on Thursday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

DAYS_MAX: Final = 3660
_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


class DayCount(StrEnum):
    """How a term is counted."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one notice says.

    :param scope: division code, 0 for the nation; ``whole``: it arranges all of ``year``.
    :param days: the days that it names, True for a working one.
    """

    scope: int
    year: int
    whole: bool
    days: Mapping[date, bool]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one division.

    :param named: days that differ from their weekday, True for working ones.
    :param known_years: years whose arrangement is known; in others only weekends count as days off.
    """

    named: Mapping[date, bool] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()

    @classmethod
    def layered(cls, base: Calendar, notices: Iterable[Notice], *, scopes: Iterable[int]) -> Calendar:
        """``base`` overridden by notices, the most specific of ``scopes`` (given first) having the last word.

        A whole notice replaces what ``base`` and wider scopes say about its year; another one adds to them.
        """
        named, known = dict(base.named), set(base.known_years)
        by_scope: dict[int, list[Notice]] = {}
        for notice in notices:
            by_scope.setdefault(notice.scope, []).append(notice)
        for scope in reversed(list(scopes)):
            # A whole notice first: a scope's own additions stand beside it.
            for notice in sorted(by_scope.get(scope, ()), key=lambda one: (not one.whole, one.year)):
                if notice.whole:
                    for day in [day for day in named if day.year == notice.year]:
                        # Its neighbours' notices may have named a day of this year, around New Year.
                        del named[day]
                    known.add(notice.year)
                named.update(notice.days)
        return cls(named, frozenset(known))

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return self.named.get(day, day.weekday() < _SATURDAY)

    def is_estimated(self, day: date) -> bool:
        """Whether nobody has said how this day's year is arranged, so that weekends alone were looked at."""
        return day.year not in self.known_years and day not in self.named


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """A date. ``is_estimated``: a year's notice was missing on the way; load it, and ask again."""

    day: date
    is_estimated: bool


def add_days(calendar: Calendar, start: date, count: int, *, kind: DayCount) -> DayAnswer:
    """The day that lies ``count`` days, or working days, after ``start``; before it for a negative count.

    Zero gives ``start`` itself, worked or not.

    :raises ValueError: for more than 3,660 days.
    """
    if abs(count) > DAYS_MAX:
        raise ValueError(f"a term has at most {DAYS_MAX} days")
    if kind is DayCount.CALENDAR:
        return DayAnswer(start + count * _DAY, is_estimated=False)
    step = _DAY if count > 0 else -_DAY
    day, left, is_estimated = start, abs(count), False
    while left:
        day += step
        is_estimated = is_estimated or calendar.is_estimated(day)
        left -= calendar.is_working(day)
    return DayAnswer(day, is_estimated)
