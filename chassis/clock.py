"""Tell the business date of a county (Asia/Shanghai) apart from the system's own time.

Deadlines, windows and statistics go by the business date, which an operator of an embedded or test platform may
set, so that a story of three years runs in a minute. Tokens, leases and delivery go by system time, always.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

# China has kept one offset without daylight saving since 1991, so a fixed offset equals the zone.
BUSINESS_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """Where time comes from; passed in, never asked of a module."""

    def system_now(self) -> datetime:
        """The instant now in UTC, for tokens, leases and delivery."""
        ...

    def business_now(self) -> datetime:
        """The instant now on the business calendar, with the offset of Asia/Shanghai."""
        ...

    def today(self) -> date:
        """The business date."""
        ...


class SystemClock:
    """The machine's own time."""

    def system_now(self) -> datetime:
        return datetime.now(UTC)

    def business_now(self) -> datetime:
        return datetime.now(BUSINESS_ZONE)

    def today(self) -> date:
        return self.business_now().date()


class SettableClock(SystemClock):
    """A clock whose business date an operator may set; every process reads the same small file.

    Without the file it tells the machine's time. The time of day always runs with the machine.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int], date | None] = ((-1, -1), None)

    def business_now(self) -> datetime:
        now = super().business_now()
        chosen = self.chosen_date()
        return now if chosen is None else datetime.combine(chosen, now.timetz())

    def chosen_date(self) -> date | None:
        """The date that was set, or None while the clock follows the machine."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        stamp = status.st_mtime_ns, status.st_ino  # each choice is another file
        if stamp != self._read[0]:
            content = json.loads(self._path.read_text("utf-8"))
            self._read = (stamp, date.fromisoformat(content["business_date"]))
        return self._read[1]

    def choose(self, day: date | None) -> None:
        """Set the business date for every process of this data directory; None follows the machine again."""
        if day is None:
            self._path.unlink(missing_ok=True)
            return
        scratch = self._path.with_suffix(".new")
        scratch.write_text(json.dumps({"business_date": day.isoformat()}), "utf-8")
        scratch.replace(self._path)


@dataclass
class FixedClock:
    """A clock for tests that stands still until it is moved."""

    instant: datetime = field(default_factory=lambda: datetime(2024, 6, 3, 9, 0, tzinfo=BUSINESS_ZONE))

    def system_now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def business_now(self) -> datetime:
        return self.instant.astimezone(BUSINESS_ZONE)

    def today(self) -> date:
        return self.business_now().date()

    def move(self, **delta: float) -> None:
        self.instant += timedelta(**delta)
