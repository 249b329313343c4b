"""What housing hands in: appraisals of houses, and whether they stand an earthquake."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

_HOUSE_NO: Final = Column(
    name="house_no",
    label="房屋编号",
    required=True,
    aliases=("房屋代码",),
    max_length=64,
    note="一户多房时逐房编号",
    example="1",
)

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
            _HOUSE_NO,
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
    Contract(
        code="housing.quake_safety",
        department="housing",
        title=Message("农房抗震鉴定和改造", "houses and earthquakes"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("抗震鉴定日期", "鉴定日期"),
        own=(
            _HOUSE_NO,
            Column(
                name="meets_code",
                label="抗震达标",
                kind=Kind.YES_NO,
                required=True,
                aliases=("是否达标", "达到抗震设防要求"),
                example="否",
            ),
            Column(name="retrofitted_on", label="抗震改造完成日期", kind=Kind.DAY, note="未改造留空"),
        ),
        key=("id_no", "house_no", "event_date"),
    ),
)
