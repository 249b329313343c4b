"""What development and reform hands in: the resettlement ledger."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="reform.resettlement",
        department="reform",
        title=Message("易地搬迁后续扶持", "resettlement ledger"),
        version=1,
        valid_from=_FROM,
        period=Period.QUARTER,
        event=happened("统计日期", "截止日期", example="2024-06-30"),
        own=(
            Column(name="site", label="安置点", aliases=("安置点名称",)),
            Column(name="labour_count", label="劳动力人数", kind=Kind.INTEGER, minimum=0, example="2"),
            Column(
                name="employed_count",
                label="就业人数",
                kind=Kind.INTEGER,
                minimum=0,
                required=True,
                aliases=("已就业人数",),
                example="1",
            ),
        ),
        key=("id_no", "event_date"),
        feeds="record_resettlement",
        facts={"event_date": "event_date", "employed_count": "employed_count"},
        rules=("R25",),
    ),
)
