"""What the disabled persons' federation hands in: certificates."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="disability.certificates",
        department="disability",
        title=Message("残疾人证", "disability certificates"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("发证日期", "评定日期", "签发日期"),
        own=(
            Column(
                name="certificate_no",
                label="残疾人证号",
                required=True,
                aliases=("残疾证号", "证号"),
                max_length=22,
                note="20 位，换证 22 位",
            ),
            Column(
                name="disability_category",
                label="残疾类别",
                kind=Kind.CHOICE,
                aliases=("类别",),
                choices={"视力": "1", "听力": "2", "言语": "3", "肢体": "4", "智力": "5", "精神": "6", "多重": "7"},
            ),
            Column(
                name="disability_level",
                label="残疾等级",
                kind=Kind.INTEGER,
                required=True,
                aliases=("等级",),
                note="1 至 4，1 级最重",
                example="2",
            ),
        ),
        key=("id_no", "certificate_no", "event_date"),
        feeds="record_disability",
        facts={"event_date": "event_date", "disability_level": "disability_level"},
        rules=("R10",),
    ),
)
