"""The numbers that income windows depend on, as rows to load into the parameters of an area."""

from __future__ import annotations

from typing import Final

from services.monitoring.parameters import ParameterRow

DEFAULTS: Final = (
    ParameterRow(
        "income.annual_window.first_month",
        10,
        "month",
        "domain B3: yearly update from 1 October to 30 September; practice, verify locally",
    ),
)
