"""Count the days for which a list has hung in the village; only whole days count, the first among them (clause B8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.errors import Fault, Message


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which a household's line was shown: from the first, until the day on which it was interrupted.

    :param until: the day of an objection, which no longer counts; None while it hangs.
    """

    since: date
    until: date | None = None


def days_shown(spans: Sequence[Span], today: date) -> int:
    """Whole days that are over: published on the 8th, the 12th has seen four."""
    return sum(max(0, ((span.until or today) - span.since).days) for span in spans)


def passes_on(spans: Sequence[Span], today: date, *, days: int) -> date:
    """The first day on which ``days`` whole days have been shown, if it hangs on from today."""
    return today + timedelta(days=max(0, days - days_shown(spans, today)))


def over_on(spans: Sequence[Span], *, days: int) -> date | None:
    """The last of ``days`` whole days, or None if they have not been shown, nor will be by what hangs."""
    left = days
    for span in spans:
        if span.until is None or (span.until - span.since).days >= left:
            return span.since + timedelta(days=left - 1)
        left -= (span.until - span.since).days
    return None


def publicity_fault(spans: Sequence[Span], today: date, *, days: int, pointer: str) -> Fault | None:
    """Why a list cannot pass yet, naming the day from which it can."""
    shown = days_shown(spans, today)
    if shown >= days:
        return None
    first = passes_on(spans, today, days=days)
    return Fault(
        pointer,
        "publicity_too_short",
        Message(
            f"已公示 {shown} 天，须满 {days} 天；{first} 起可办理。",
            f"Published {shown} of {days} days; go on from {first}.",
        ),
    )
