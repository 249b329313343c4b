"""The days of the sample county's story, all counted from the business date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DEFAULT_DAY: Final = date(2024, 6, 3)
FIRST_DAY: Final = date(2024, 4, 1)
LAST_DAY: Final = date(2024, 8, 31)


class DayOutside(ValueError):
    """A business date for which the story's lines, school year and yearly update do not hold."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Named days of the story told on ``on``.

    :raises DayOutside: between 2024-04-01 and 2024-08-31 the lines of 2024, school year 2023 and the update of 2023
        hold together.
    """

    on: date

    def __post_init__(self) -> None:
        if not FIRST_DAY <= self.on <= LAST_DAY:
            raise DayOutside(f"choose a day from {FIRST_DAY} to {LAST_DAY}")

    def ago(self, days: int) -> date:
        """So many days before the business date."""
        return self.on - timedelta(days=days)

    def month(self, before: int = 1) -> date:
        """First day of the month so many months before the present one."""
        index = self.on.year * 12 + self.on.month - 1 - before
        return date(index // 12, index % 12 + 1, 1)

    def month_end(self, before: int = 1) -> date:
        """Last day of that month."""
        return self.month(before - 1) - timedelta(days=1)

    @property
    def quarter_end(self) -> date:
        """Last day of the last whole quarter."""
        first = self.on.replace(month=(self.on.month - 1) // 3 * 3 + 1, day=1)
        return first - timedelta(days=1)

    @property
    def recent(self) -> date:
        """A day on which counts only for the twelve whole months before, not for a yearly update."""
        return self.month(2).replace(day=15)

    @property
    def yearly(self) -> date:
        """A day in the last yearly update (1 October to 30 September), before the twelve whole months begin."""
        return date(self.on.year - 2, 12, 15)

    @property
    def year_before(self) -> date:
        """A day in the yearly update before that."""
        return date(self.on.year - 3, 12, 15)

    @property
    def rolling(self) -> tuple[date, date]:
        """First and last day of the twelve whole months before."""
        return self.month(12), self.month_end(1)

    def update(self, back: int = 0) -> tuple[date, date]:
        """First and last day of the last yearly update, or of one so many years back."""
        year = self.on.year - 1 - back
        return date(year - 1, 10, 1), date(year, 9, 30)
