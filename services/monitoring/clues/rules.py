"""When a clue must be judged, by its severity (clause B11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

SEVERITIES: Final = {"L": 1, "M": 2, "H": 3}
"""Severity as rules name it → as tables order it."""


@dataclass(frozen=True, slots=True)
class Dues:
    """How long the first judgement of a clue may take, by severity.

    :param high_hours: from the instant that it was raised. ``medium_days`` and ``low_days``: to the end of that day,
        day 0 not counted.
    """

    high_hours: int
    medium_days: int
    low_days: int


DUES: Final = Dues(high_hours=24, medium_days=3, low_days=10)
"""Chosen here (clause B11); an area's own numbers are parameters."""

MEDIUM_DUE_KEY: Final = "clues.due.medium_days"
DUE_KEYS: Final = ("clues.due.high_hours", MEDIUM_DUE_KEY, "clues.due.low_days")
"""The parameters that hold them, in the order of :class:`Dues`."""

PER_ADDRESS: Final = ("clues.self_report.address_max", "clues.self_report.address_hours")
PER_PHONE: Final = ("clues.self_report.phone_max", "clues.self_report.phone_hours")
"""The parameters that bound the public form: how many uses, in a window of how many hours."""


def due_of(severity: int, raised_at: datetime, dues: Dues) -> datetime:
    """When the first judgement of a clue is due."""
    if severity == SEVERITIES["H"]:
        return raised_at + timedelta(hours=dues.high_hours)
    return end_of_day(raised_at) + timedelta(days=dues.medium_days if severity == SEVERITIES["M"] else dues.low_days)


def end_of_day(moment: datetime) -> datetime:
    """The last second of the day of ``moment``, to which whole days are added."""
    return datetime.combine(moment.date(), time(23, 59, 59), moment.tzinfo)
