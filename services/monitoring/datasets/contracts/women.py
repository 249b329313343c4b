"""What the women's federation hands in: visits to left-behind women and children."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="women.left_behind_visits",
        department="women",
        title=Message("三留守探访", "left-behind visits"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("统计日期", "截止日期", example="2024-05-31"),
        own=(
            Column(
                name="left_behind_kind",
                label="留守类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices={"留守妇女": "woman", "留守儿童": "child"},
                example="留守妇女",
            ),
            Column(
                name="listed_on",
                label="列入名单日期",
                kind=Kind.DAY,
                required=True,
                aliases=("建档日期",),
                example="2023-09-01",
            ),
            Column(
                name="last_visit_on",
                label="最近探访日期",
                kind=Kind.DAY,
                aliases=("上次探访日期",),
                note="从未探访留空",
            ),
            Column(name="visitor", label="探访人", max_length=50),
        ),
        key=("id_no", "left_behind_kind", "event_date"),
        feeds="record_left_behind",
        facts={
            "event_date": "event_date",
            "left_behind_kind": "left_behind_kind",
            "listed_on": "listed_on",
            "last_visit_on": "last_visit_on",
        },
        complete_list=True,
        rules=("R27",),
    ),
)
