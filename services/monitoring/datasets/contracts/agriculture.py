"""What agriculture hands in: crop and livestock projects that failed, and Yulu grants paid."""

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
                minimum=0,
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
    Contract(
        code="agriculture.yulu",
        department="agriculture",
        title=Message("雨露计划发放", "Yulu grants paid"),
        version=1,
        valid_from=_FROM,
        period=Period.SCHOOL_YEAR,
        event=happened("发放日期", "到账日期", example="2024-04-20"),
        own=(
            Column(
                name="payment_no",
                label="发放编号",
                required=True,
                aliases=("流水号",),
                max_length=64,
                example="YL20240420001",
            ),
            Column(
                name="school_year",
                label="学年",
                kind=Kind.INTEGER,
                required=True,
                minimum=2000,
                maximum=2100,
                note="学年起始年，如 2023—2024 学年填 2023",
                example="2023",
            ),
            Column(
                name="paid_fen",
                label="补助金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("发放金额",),
                minimum=0,
                example="1500.00",
            ),
        ),
        key=("id_no", "payment_no"),
    ),
)
