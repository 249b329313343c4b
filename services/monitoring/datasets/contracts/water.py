"""What water hands in: supply cuts, water tests and access to water, by household."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="water.supply",
        department="water",
        title=Message("供水保障", "water supply"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("停水或检测日期", "停水日期", "检测日期"),
        own=(
            Column(
                name="days_off",
                label="停水天数",
                kind=Kind.INTEGER,
                minimum=0,
                aliases=("断水天数",),
                note="未停水填 0 或留空",
                example="12",
            ),
            Column(name="restored_on", label="恢复供水日期", kind=Kind.DAY, aliases=("恢复日期",), note="未恢复留空"),
            Column(
                name="water_quality",
                label="水质结果",
                kind=Kind.CHOICE,
                aliases=("水质检测结果",),
                choices={"达标": "pass", "合格": "pass", "不达标": "fail", "不合格": "fail"},
            ),
        ),
        key=("id_no", "event_date"),
        feeds="record_water",
        facts={
            "event_date": "event_date",
            "days_off": "days_off",
            "restored_on": "restored_on",
            "water_quality": "water_quality",
        },
        rules=("R12",),
    ),
    Contract(
        code="water.access",
        department="water",
        title=Message("取水条件", "access to water"),
        version=1,
        valid_from=_FROM,
        period=Period.YEAR,
        event=happened("调查日期", "排查日期"),
        own=(
            Column(
                name="distance_metres",
                label="取水水平距离",
                kind=Kind.INTEGER,
                aliases=("取水距离",),
                minimum=0,
                maximum=100_000,
                note="米；入户供水填 0",
                example="0",
            ),
            Column(
                name="reliability_percent",
                label="供水保证率",
                kind=Kind.INTEGER,
                aliases=("保证率",),
                minimum=0,
                maximum=100,
                note="百分数，如 95",
                example="95",
            ),
        ),
        key=("id_no", "event_date"),
    ),
)
