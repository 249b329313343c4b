"""The values that the policy numbers of rules are published with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
