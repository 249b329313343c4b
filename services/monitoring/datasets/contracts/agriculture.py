"""What agriculture hands in: crop and livestock projects that failed."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="agriculture.losses",
        department="agriculture",
        title=Message("种养损失", "farm losses"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("损失日期", "发生日期"),
        own=(
            Column(
                name="project_kind",
                label="项目类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("种养类别",),
                choices={"种植": "crop", "养殖": "livestock", "林果": "forestry", "其他": "other"},
                example="养殖",
            ),
            Column(
                name="farm_loss_fen",
                label="损失金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("经济损失",),
                example="15000.00",
            ),
            Column(name="scale", label="规模", aliases=("种养规模",), example="200 只"),
        ),
        key=("id_no", "project_kind", "event_date"),
        feeds="record_farm_loss",
        facts={"event_date": "event_date", "farm_loss_fen": "farm_loss_fen"},
        rules=("R19",),
    ),
)
