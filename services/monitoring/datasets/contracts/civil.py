"""What civil affairs hands in: changes of aid, emergency aid, and visits to the left-behind."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="civil.aid_change",
        department="civil",
        title=Message("救助变动", "changes of aid"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("生效日期", "变动日期"),
        own=(
            Column(
                name="aid_kind",
                label="救助类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices={
                    "低保": "subsistence",
                    "特困供养": "destitute",
                    "低保边缘": "marginal",
                    "支出型困难": "expenditure",
                },
                example="低保",
            ),
            Column(
                name="aid_change",
                label="变动类型",
                kind=Kind.CHOICE,
                required=True,
                aliases=("变动情况",),
                choices={"新增": "granted", "提标": "raised", "减发": "lowered", "停发": "stopped"},
                example="停发",
            ),
            Column(name="reason", label="变动原因"),
        ),
        key=("id_no", "aid_kind", "aid_change", "event_date"),
        feeds="record_aid_change",
        facts={"event_date": "event_date", "aid_kind": "aid_kind", "aid_change": "aid_change"},
        rules=("R17",),
    ),
    Contract(
        code="civil.temporary_aid",
        department="civil",
        title=Message("临时救助", "emergency aid"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("发放日期", "救助日期"),
        own=(
            Column(
                name="payment_no",
                label="发放编号",
                required=True,
                aliases=("救助编号",),
                max_length=64,
                note="同一人两次救助是两行",
                example="LS20240525001",
            ),
            Column(
                name="temporary_aid_fen",
                label="救助金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("发放金额",),
                example="6000.00",
            ),
            Column(name="reason", label="救助事由", aliases=("困难原因",)),
        ),
        key=("id_no", "payment_no"),
        feeds="record_temporary_aid",
        facts={"event_date": "event_date", "temporary_aid_fen": "temporary_aid_fen"},
        rules=("R18",),
    ),
    Contract(
        code="civil.left_behind_visits",
        department="civil",
        title=Message("三留守探访", "left-behind visits"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("统计日期", "截止日期", example="2024-05-31"),
        own=(
            Column(
                name="left_behind_kind",
                label="留守类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices={"留守老人": "elder", "留守妇女": "woman", "留守儿童": "child"},
                example="留守老人",
            ),
            Column(
                name="listed_on",
                label="列入名单日期",
                kind=Kind.DAY,
                required=True,
                aliases=("建档日期",),
                example="2023-09-01",
            ),
            Column(
                name="last_visit_on",
                label="最近探访日期",
                kind=Kind.DAY,
                aliases=("上次探访日期",),
                note="从未探访留空",
            ),
            Column(name="visitor", label="探访人", max_length=50),
        ),
        key=("id_no", "left_behind_kind", "event_date"),
        feeds="record_left_behind",
        facts={
            "event_date": "event_date",
            "left_behind_kind": "left_behind_kind",
            "listed_on": "listed_on",
            "last_visit_on": "last_visit_on",
        },
        rules=("R27",),
    ),
)
