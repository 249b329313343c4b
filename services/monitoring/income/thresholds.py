"""The numbers that income windows depend on, as rows to load into the dated parameters of an area."""

from __future__ import annotations

from typing import Final

from services.monitoring.households.thresholds import ParameterRow

FIRST_MONTH: Final = "income.annual_window.first_month"

DEFAULTS: Final = (
    ParameterRow(
        FIRST_MONTH,
        10,
        "month",
        "条款 B3：年度更新为上年10月1日至当年9月30日 / clause B3: yearly update from 1 October to 30 September",
    ),
)
"""First values for a new area; the area's own rows replace them."""
