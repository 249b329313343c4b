"""Which value holds in a division on a date: the most specific scope in force wins (village to nation)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.security.scope import Level

NATION: Final = 0
"""The scope of the whole country."""

_LEVELS: Final = (Level.VILLAGE, Level.TOWN, Level.COUNTY, Level.CITY, Level.PROVINCE)


class ParameterState(StrEnum):
    """What has become of a value."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One value with its area and period, and when it came to be known.

    :param scope: division code, 0 for the nation; ``effective_to``: last day, None while open.
    :param ended_at: when its end was set by a successor; before that it was known without one.
    """

    id: UUID
    scope: int
    key: str
    effective_from: date
    effective_to: date | None
    value: Any
    unit: str
    source: str
    state: ParameterState
    version: int = 1
    proposed_by: str = ""
    proposed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_by: UUID | None = None
    ended_at: datetime | None = None
    withdrawal_asked_by: str | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    def holds_on(self, on: date, *, known_at: datetime | None = None) -> bool:
        """Whether it is in force on ``on``, by what is known now or was known at ``known_at``."""
        if known_at is None:
            return self.state is ParameterState.ACTIVE and _covers(self.effective_from, self.effective_to, on)
        if self.approved_at is None or self.approved_at > known_at:
            return False
        if self.withdrawn_at is not None and self.withdrawn_at <= known_at:
            return False
        end_was_known = self.ended_at is None or self.ended_at <= known_at
        return _covers(self.effective_from, self.effective_to if end_was_known else None, on)


def scopes_of(region: int) -> tuple[int, ...]:
    """The scopes that a division lies in, the most specific first, the nation last."""
    found: list[int] = []
    for level in _LEVELS:
        unit = 10 ** (12 - level)
        code = region // unit * unit
        if code not in found:
            found.append(code)
    return (*found, NATION)


def resolve(
    rows: Iterable[ParameterRow], key: str, *, region: int, on: date, known_at: datetime | None = None
) -> ParameterRow | None:
    """The row of ``key`` that holds in ``region`` on ``on``, or None if no scope has one in force.

    Among the rows of one scope the newest start wins: so it also comes out right at a time when the end of the
    one before was not yet written.
    """
    rank = {scope: place for place, scope in enumerate(scopes_of(region))}
    holding = (row for row in rows if row.key == key and row.scope in rank and row.holds_on(on, known_at=known_at))
    return min(holding, key=lambda row: (rank[row.scope], -row.effective_from.toordinal()), default=None)


@dataclass(frozen=True, slots=True)
class Succession:
    """What a new value does to those it meets.

    :param ends: active rows that end on ``last_day``, the day before the new one starts.
    :param blocked_by: active rows that it would overlap and does not succeed.
    """

    ends: tuple[ParameterRow, ...]
    blocked_by: tuple[ParameterRow, ...]
    last_day: date


def succession(new: ParameterRow, active: Sequence[ParameterRow]) -> Succession:
    """How ``new`` takes its place among the active rows of the same scope and key.

    One that is open ends the open one before it. Any other overlap is refused: a value for a while would otherwise
    leave a gap behind it in which, unsaid, a wider area's value holds.
    """
    last_day = new.effective_from - timedelta(days=1)
    ends: list[ParameterRow] = []
    blocked: list[ParameterRow] = []
    for row in active:
        if row.id == new.id or row.scope != new.scope or row.key != new.key or not _overlap(row, new):
            continue
        both_open = row.effective_to is None and new.effective_to is None
        (ends if both_open and row.effective_from < new.effective_from else blocked).append(row)
    return Succession(tuple(ends), tuple(blocked), last_day)


def _covers(start: date, end: date | None, on: date) -> bool:
    return start <= on and (end is None or on <= end)


def _overlap(one: ParameterRow, other: ParameterRow) -> bool:
    return (other.effective_to is None or one.effective_from <= other.effective_to) and (
        one.effective_to is None or other.effective_from <= one.effective_to
    )
