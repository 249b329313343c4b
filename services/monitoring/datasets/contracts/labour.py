"""What human resources hands in: who works, wages over twelve months, pension contributions paid for people."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="work.status",
        department="labour",
        title=Message("务工就业状态", "employment status"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("统计日期", "截止日期", example="2024-05-31"),
        own=(
            Column(
                name="is_working",
                label="是否就业",
                kind=Kind.YES_NO,
                required=True,
                aliases=("就业状态", "是否务工"),
                example="是",
            ),
            Column(
                name="last_work_month",
                label="最后务工月份",
                kind=Kind.MONTH,
                aliases=("最近务工月份",),
                note="未就业时填写；从未务工留空",
                example="2024-01",
            ),
            Column(name="employer", label="用人单位", aliases=("务工单位",)),
        ),
        key=("id_no", "event_date"),
        feeds="record_work",
        facts={"event_date": "event_date", "is_working": "is_working", "last_work_month": "last_work_month"},
        rules=("R15", "R25"),
    ),
    Contract(
        code="work.wages",
        department="labour",
        title=Message("务工工资", "wages"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("截至月份", "统计月份", "月份", kind=Kind.MONTH, example="2024-05"),
        own=(
            Column(
                name="wage_12m_fen",
                label="近十二个月工资",
                kind=Kind.AMOUNT,
                minimum=0,
                required=True,
                aliases=("前十二个月工资合计",),
                note="截至该月的十二个月工资合计，每人一行，元",
                example="36000.00",
            ),
        ),
        key=("id_no", "event_date"),
        feeds="record_wage",
        facts={"event_date": "event_date", "wage_12m_fen": "wage_12m_fen"},
        rules=("R16", "R24"),
    ),
    Contract(
        code="work.pension_contributions",
        department="labour",
        title=Message("养老保险代缴", "pension contributions paid by government"),
        version=1,
        valid_from=_FROM,
        period=Period.YEAR,
        event=happened("代缴日期", "缴费日期"),
        own=(
            Column(
                name="payment_no",
                label="缴费编号",
                required=True,
                aliases=("流水号",),
                max_length=64,
                example="YL2024000001",
            ),
            Column(
                name="pension_year",
                label="缴费年度",
                kind=Kind.INTEGER,
                required=True,
                aliases=("年度",),
                minimum=2000,
                maximum=2100,
                example="2024",
            ),
            Column(
                name="tier_fen",
                label="缴费档次",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("档次",),
                minimum=0,
                note="本人适用的最低缴费档次",
                example="100.00",
            ),
            Column(
                name="paid_fen",
                label="代缴金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("政府代缴",),
                minimum=0,
                example="100.00",
            ),
        ),
        key=("id_no", "payment_no"),
    ),
)
