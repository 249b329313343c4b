"""Read a reporting period (报送期) and tell whether a row belongs to it (clause B11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from chassis.errors import Fault, Message
from services.monitoring.datasets.contracts.contract import EVENT_DATE, Contract, Period
from services.monitoring.datasets.errors import PeriodUnfit

_FORMS: Final[Mapping[Period, tuple[re.Pattern[str], str]]] = {
    Period.MONTH: (re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII), "2024-05"),
    Period.EVENT: (re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII), "2024-05"),
    Period.QUARTER: (re.compile(r"(20[0-9]{2})-Q([1-4])", re.ASCII), "2024-Q2"),
    Period.YEAR: (re.compile(r"(20[0-9]{2})", re.ASCII), "2024"),
    Period.SCHOOL_YEAR: (re.compile(r"(20[0-9]{2})-(20[0-9]{2})", re.ASCII), "2023-2024"),
}
_YEAR_COLUMNS: Final[Mapping[Period, str]] = {Period.YEAR: "insured_year", Period.SCHOOL_YEAR: "school_year"}
_SCHOOL_YEAR_MONTH: Final = 9


@dataclass(frozen=True, slots=True)
class Span:
    """A period: how it is written, and its first and last day."""

    text: str
    kind: Period
    first: date
    last: date


def read_period(text: str, kind: Period) -> Span:
    """The period that ``text`` names: ``2024-05``, ``2024-Q2``, ``2024``, or ``2023-2024`` for a school year.

    :raises PeriodUnfit: for any other text; it shows the form that the contract wants.
    """
    pattern, example = _FORMS[kind]
    found = pattern.fullmatch(text)
    if found is None or (kind is Period.SCHOOL_YEAR and int(found[2]) != int(found[1]) + 1):
        message = Message(f"请按 {example} 的形式填写报送期。", f"Give the period in the form {example}.")
        raise PeriodUnfit(message, faults=[Fault("?period", "period_form", message)])
    year = int(found[1])
    if kind is Period.YEAR:
        return Span(text, kind, date(year, 1, 1), date(year, 12, 31))
    if kind is Period.SCHOOL_YEAR:
        return Span(text, kind, date(year, _SCHOOL_YEAR_MONTH, 1), date(year + 1, _SCHOOL_YEAR_MONTH - 1, 31))
    months = 3 if kind is Period.QUARTER else 1
    month = (int(found[2]) - 1) * months + 1
    ends = year * 12 + month - 1 + months
    return Span(text, kind, date(year, month, 1), date(ends // 12, ends % 12 + 1, 1) - timedelta(days=1))


def belongs(span: Span, contract: Contract, values: Mapping[str, Any]) -> bool:
    """Whether a row belongs to the period it was handed in for.

    A push of single events may tell of any month. A year that the row states itself counts before the date of its
    matter: who enrols in November 2023 for 2024 is a row of 2024.
    """
    if span.kind is Period.EVENT:
        return True
    named = _YEAR_COLUMNS.get(span.kind)
    if named is not None and any(column.name == named for column in contract.own):
        return bool(values[named] == span.first.year)
    return bool(span.first <= values[EVENT_DATE] <= span.last)
