"""What emergency management hands in: households hit by disaster."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="emergency.disasters",
        department="emergency",
        title=Message("受灾情况", "disasters"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("受灾日期", "灾害日期"),
        own=(
            Column(
                name="disaster_kind",
                label="灾种",
                kind=Kind.CHOICE,
                required=True,
                aliases=("灾害种类",),
                choices={
                    "洪涝": "flood",
                    "干旱": "drought",
                    "风雹": "storm",
                    "低温冰冻": "frost",
                    "地震": "earthquake",
                    "地质灾害": "geological",
                    "火灾": "fire",
                    "其他": "other",
                },
                example="洪涝",
            ),
            Column(
                name="house_damage",
                label="房屋受损",
                kind=Kind.CHOICE,
                aliases=("房屋损坏程度",),
                choices={"无": "none", "一般损坏": "light", "严重损坏": "severe", "倒塌": "collapsed"},
            ),
            Column(
                name="disaster_loss_fen",
                label="直接经济损失",
                kind=Kind.AMOUNT,
                minimum=0,
                aliases=("损失金额",),
                example="12000.00",
            ),
        ),
        key=("id_no", "disaster_kind", "event_date"),
        feeds="record_disaster",
        facts={"event_date": "event_date", "house_damage": "house_damage", "disaster_loss_fen": "disaster_loss_fen"},
        rules=("R13",),
    ),
)
