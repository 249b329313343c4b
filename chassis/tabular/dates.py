"""Turn a spreadsheet's serial numbers into days, in both date systems, and tell which number formats mean a date."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

_SERIAL_MAX: Final = 2_958_465  # 9999-12-31 in the 1900 system
# Formats 27–36 and 50–58 are dates in East Asian editions (ECMA-376 part 1, 18.8.30); openpyxl does not know them.
_EAST_ASIAN_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})


def is_date_style(format_id: int, code: str | None) -> bool:
    """Whether cells of this number format hold dates; a duration such as ``[h]:mm`` stays a number."""
    from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format

    if code is None:
        if format_id in _EAST_ASIAN_DATES:
            return True
        code = builtin_format_code(format_id)
    return bool(code) and bool(is_date_format(code)) and not is_timedelta_format(code)


@lru_cache(maxsize=4096)
def day_of_serial(serial: int, date_1904: bool) -> date:  # noqa: FBT001 - called for every date cell
    """The day that a serial number stands for.

    The 1900 system counts a 29 February 1900 that never was; the 1904 system begins at 1904-01-01 with 0.

    :raises ValueError: for a serial outside the calendar, or the day that never was.
    """
    if not 0 <= serial <= _SERIAL_MAX or (serial == 60 and not date_1904):
        raise ValueError("no day has this serial number")
    if date_1904:
        return date(1904, 1, 1) + timedelta(days=serial)
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(days=serial)


def cell_of_serial(serial: float, *, date_1904: bool) -> date | datetime | str | float:
    """A cell that its format calls a date: a day, a moment when it has a time of day, a time of day alone as text.

    A number that is no date at all is handed back as it is.
    """
    try:
        day = int(serial // 1)
        seconds = round((serial - day) * 86_400)
        if seconds == 86_400:
            day, seconds = day + 1, 0
        if day == 0 and seconds and not date_1904:
            return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        midnight = day_of_serial(day, date_1904)
    except (ValueError, OverflowError):
        return serial
    return datetime.combine(midnight, time()) + timedelta(seconds=seconds) if seconds else midnight
