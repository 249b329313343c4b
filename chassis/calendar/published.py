"""The State Council's arrangements that the installed release of ``chinesecalendar`` knows (2004 to 2026 in 1.11)."""

from __future__ import annotations

from functools import cache

import chinese_calendar

from chassis.calendar.rules import Calendar


@cache
def published_calendar() -> Calendar:
    """Every day off and every exchanged working day that the library names.

    The library raises past its last year; its tables are read instead, so that an unknown year is an answer.
    """
    named = dict.fromkeys(chinese_calendar.holidays, False) | dict.fromkeys(chinese_calendar.workdays, True)
    first, last = min(named).year, max(chinese_calendar.holidays).year
    return Calendar(named, frozenset(range(first, last + 1)))
