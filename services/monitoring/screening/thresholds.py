"""Choose the value of each policy number for one area and date from rows of data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

COUNTRY: Final = 0
_LEVEL_SPANS: Final = (10**10, 10**8, 10**6, 10**3, 1)  # province, city, county, town, village of a 12-digit code


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One value of a policy number.

    :ivar scope_code: the 12-digit code of the area it holds for, 0 for everywhere.
    :ivar unit: ``fen``, ``days``, ``months``, ``years``, ``percent``, ``persons``, ``month`` or ``""``.
    :ivar effective_from, effective_to: first and last day; ``effective_to`` None while open.
    :ivar source: where the value comes from.
    """

    key: str
    value: int
    unit: str
    scope_code: int
    effective_from: date
    source: str
    effective_to: date | None = None


def thresholds_for(rows: Iterable[ThresholdRow], *, region: int, on: date) -> Mapping[str, int]:
    """The value of every key in force: the most specific area wins, then the latest start.

    A key without a row in force is absent, and a rule that needs it is refused.
    """
    chosen: dict[str, tuple[int, date, int]] = {}
    for row in rows:
        span = _span(row.scope_code)
        ended = row.effective_to is not None and row.effective_to < on
        if row.effective_from > on or ended or (span is not None and region // span != row.scope_code // span):
            continue
        rank = (-(span or 10**12), row.effective_from, row.value)
        if row.key not in chosen or rank[:2] > chosen[row.key][:2]:
            chosen[row.key] = rank
    return {key: value for key, (_, _, value) in chosen.items()}


def _span(scope_code: int) -> int | None:
    """How many codes an area's own code stands for; None for the whole country."""
    if scope_code == COUNTRY:
        return None
    return next(span for span in _LEVEL_SPANS if scope_code % span == 0)
