"""What public security and justice hand in: deaths, imprisonment and other personal status."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="security.status",
        department="security",
        title=Message("人员状态（公安）", "personal status told by police"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("发生日期", "状态日期"),
        own=(
            Column(
                name="life_status",
                label="状态",
                kind=Kind.CHOICE,
                required=True,
                aliases=("人员状态",),
                choices={"死亡": "dead", "羁押": "detained", "失踪": "missing", "寻回": "found"},
                example="死亡",
            ),
        ),
        key=("id_no", "life_status", "event_date"),
        feeds="record_life_status",
        facts={"event_date": "event_date", "life_status": "life_status"},
        rules=("R24",),
    ),
    Contract(
        code="justice.status",
        department="justice",
        title=Message("人员状态（司法）", "personal status told by justice"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("发生日期", "状态日期"),
        own=(
            Column(
                name="life_status",
                label="状态",
                kind=Kind.CHOICE,
                required=True,
                aliases=("人员状态",),
                choices={"服刑": "imprisoned", "释放": "released"},
                example="服刑",
            ),
        ),
        key=("id_no", "life_status", "event_date"),
        feeds="record_life_status",
        facts={"event_date": "event_date", "life_status": "life_status"},
        rules=("R24",),
    ),
)
