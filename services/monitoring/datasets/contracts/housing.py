"""What housing hands in: appraisals of houses."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="housing.appraisals",
        department="housing",
        title=Message("住房安全鉴定", "house appraisals"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("鉴定日期", "评定日期"),
        own=(
            Column(
                name="house_no",
                label="房屋编号",
                required=True,
                aliases=("房屋代码",),
                max_length=64,
                note="一户多房时逐房编号",
                example="1",
            ),
            Column(
                name="house_grade",
                label="鉴定等级",
                kind=Kind.CHOICE,
                required=True,
                aliases=("房屋等级", "危房等级"),
                choices={"A": "A", "B": "B", "C": "C", "D": "D", "A级": "A", "B级": "B", "C级": "C", "D级": "D"},
                example="C级",
            ),
            Column(
                name="is_only_house",
                label="唯一住房",
                kind=Kind.YES_NO,
                required=True,
                aliases=("是否唯一住房",),
                example="是",
            ),
            Column(name="repaired_on", label="改造完成日期", kind=Kind.DAY, aliases=("竣工日期",), note="未改造留空"),
        ),
        key=("id_no", "house_no", "event_date"),
        feeds="record_house",
        facts={
            "event_date": "event_date",
            "house_grade": "house_grade",
            "is_only_house": "is_only_house",
            "repaired_on": "repaired_on",
        },
        derived={"house_ref": "rank of house_no among the person's houses, from 1"},
        rules=("R11",),
    ),
)
