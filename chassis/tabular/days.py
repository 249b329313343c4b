"""Read days and months in every way in which spreadsheets and people write them; a date that never was is a fault."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from chassis.errors import Message
from chassis.tabular.cells import readable, squeezed
from chassis.tabular.dates import day_of_serial
from chassis.tabular.model import Cell, CellFault, is_blank, tidy

_PARTED: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_SPOKEN: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?", re.ASCII)
_PLAIN: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_SERIAL: Final = re.compile(r"([0-9]{5})(?:\.[0-9]*)?", re.ASCII)
_TIME_OF_DAY: Final = re.compile(r"(?<=[0-9日号])[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$", re.ASCII)
_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|([0-9]{2})|年([0-9]{1,2})月份?)", re.ASCII)


def day(cell: Cell, *, date_1904: bool = False) -> date | None:
    """A day: ISO 8601, ``2024/6/3``, ``2024.6.3``, ``20240603``, ``2024年6月3日``, a date cell, or a serial number.

    A serial number has five digits (1927-05-18 to 2173-10-13 in the 1900 system), so that a bare year is never taken
    for one; ``date_1904`` is the workbook's date system. A time of day is left out.

    :raises CellFault: ``day_form``, ``day_impossible``, ``cell_error``.
    """
    if is_blank(cell):
        return None
    found = _day_of(cell, date_1904=date_1904)
    if found is None:
        raise CellFault(
            "day_form",
            Message("日期无法识别，请填写如 2024-06-03。", "The date is unreadable; give it as 2024-06-03."),
        )
    return found


def month(cell: Cell, *, date_1904: bool = False) -> date | None:
    """A month, as its first day: ``2024-06``, ``2024/6``, ``202406``, ``2024年6月``, or any day in it.

    :raises CellFault: ``month_form``, ``day_impossible``, ``cell_error``.
    """
    if is_blank(cell):
        return None
    if not isinstance(cell, float | date | bool) and (found := _MONTH.fullmatch(squeezed(cell))):
        return _existing(int(found[1]), int(found[2] or found[3] or found[4]), 1)
    in_month = _day_of(cell, date_1904=date_1904)
    if in_month is None:
        raise CellFault(
            "month_form", Message("月份无法识别，请填写如 2024-06。", "The month is unreadable; give it as 2024-06.")
        )
    return in_month.replace(day=1)


def _day_of(cell: Cell, *, date_1904: bool) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        return None
    written = _without_time(cell)
    for form in (_PARTED, _SPOKEN, _PLAIN):
        if found := form.fullmatch(written):
            year, month_number, day_number = (int(part) for part in found.groups() if part.isdigit())
            return _existing(year, month_number, day_number)
    if found := _SERIAL.fullmatch(written):
        return day_of_serial(int(found[1]), date_1904)
    return None


def _without_time(cell: Cell) -> str:
    if not isinstance(cell, str):
        return squeezed(cell)
    try:
        return squeezed(_TIME_OF_DAY.sub("", tidy(cell)))
    except ValueError:
        return squeezed(readable(cell))  # tells the signs that cannot be stored


def _existing(year: int, month_number: int, day_number: int) -> date:
    try:
        return date(year, month_number, day_number)
    except ValueError as fault:
        raise CellFault(
            "day_impossible", Message("没有这一天，请核对日期。", "There is no such day; check the date.")
        ) from fault
