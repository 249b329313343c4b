"""What the disabled persons' federation hands in: certificates, care and rehabilitation."""

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
                minimum=1,
                maximum=4,
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
    Contract(
        code="disability.services",
        department="disability",
        title=Message("残疾人托养和儿童康复", "care and rehabilitation of the disabled"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("开始日期", "入托日期"),
        own=(
            Column(
                name="service_kind",
                label="服务类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices={"托养": "care", "儿童康复": "rehabilitation"},
                example="儿童康复",
            ),
            Column(name="provider", label="服务机构", required=True, aliases=("机构名称",)),
            Column(name="ends_on", label="结束日期", kind=Kind.DAY, note="仍在服务留空"),
            Column(
                name="subsidy_fen",
                label="补助金额",
                kind=Kind.AMOUNT,
                aliases=("金额",),
                minimum=0,
                note="本次服务已发放的补助，未发放留空",
            ),
        ),
        key=("id_no", "service_kind", "event_date"),
        texts=("provider",),
    ),
)
