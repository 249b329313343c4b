"""What traffic police hands in: persons killed or injured in accidents."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="traffic.accidents",
        department="traffic",
        title=Message("交通事故", "traffic accidents"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("事故日期", "发生日期"),
        own=(
            Column(
                name="accident_no",
                label="事故编号",
                required=True,
                aliases=("事故认定书编号",),
                max_length=64,
                example="JG20240520001",
            ),
            Column(
                name="injury",
                label="伤亡程度",
                kind=Kind.CHOICE,
                required=True,
                aliases=("伤情",),
                choices={"无": "none", "轻伤": "minor", "重伤": "serious", "死亡": "death"},
                example="重伤",
            ),
            Column(
                name="liability",
                label="责任",
                kind=Kind.CHOICE,
                aliases=("责任认定",),
                choices={"无责": "none", "次要": "secondary", "同等": "equal", "主要": "main", "全部": "full"},
            ),
        ),
        key=("id_no", "accident_no"),
        feeds="record_accident",
        facts={"event_date": "event_date", "injury": "injury"},
        rules=("R14",),
    ),
)
