"""Count ages and months as registers do."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def age_on(born: date, day: date) -> int:
    """周岁: full years on ``day``; who was born on 29 February turns a year older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
