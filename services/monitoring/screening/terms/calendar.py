"""Facts of the run itself: its date. A rule may ask them, but not them alone."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.terms.kinds import count
from services.monitoring.screening.vocabulary import Term

CALENDAR: Final[tuple[Term, ...]] = (
    count(
        "screening_month", ("筛查月份", "month of screening"),
        ("筛查日所在的月份，1 至 12", "The month of the day of screening, 1 to 12."),
        part="calendar", source="calendar", unit="month", low=1, high=12, nullable=False, contextual=True,
    ),
    count(
        "screening_year", ("筛查年度", "year of screening"),
        ("筛查日所在的年度", "The year of the day of screening."),
        part="calendar", source="calendar", unit="year", low=2000, high=2200, nullable=False, contextual=True,
    ),
)  # fmt: skip
