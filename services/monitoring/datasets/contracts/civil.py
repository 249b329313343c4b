"""What civil affairs hands in: aid and its changes, the low-income roll, children, benefits, left-behind visits."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened
from services.monitoring.datasets.contracts.left_behind import left_behind_visits

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
                minimum=0,
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
    left_behind_visits("civil", {"留守老人": "elder", "留守妇女": "woman", "留守儿童": "child"}),
    Contract(
        code="civil.low_income",
        department="civil",
        title=Message("低收入人口名册", "roll of low-income people"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("认定日期", "审批日期"),
        own=(
            Column(
                name="low_income_class",
                label="低收入类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别", "对象类别"),
                choices={
                    "低保": "subsistence",
                    "特困供养": "destitute",
                    "低保边缘": "marginal",
                    "支出型困难": "expenditure",
                    "急难救助": "emergency",
                },
                example="低保",
            ),
            Column(
                name="is_single",
                label="单人户纳入",
                kind=Kind.YES_NO,
                aliases=("是否单人保", "单人保"),
                note="按单人户纳入低保的填是",
            ),
            Column(
                name="ends_on",
                label="停止日期",
                kind=Kind.DAY,
                aliases=("退出日期",),
                note="仍在册留空；已报救助变动的不必再填",
            ),
        ),
        key=("id_no", "low_income_class", "event_date"),
    ),
    Contract(
        code="civil.children",
        department="civil",
        title=Message("孤儿和事实无人抚养儿童", "orphans and unsupported children"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("认定日期", "审批日期"),
        own=(
            Column(
                name="child_kind",
                label="儿童类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices={"孤儿": "orphan", "事实无人抚养儿童": "unsupported", "事实无人抚养": "unsupported"},
                example="孤儿",
            ),
            Column(name="guardian", label="监护人", max_length=50, note="没有监护人留空"),
            Column(name="ends_on", label="停止日期", kind=Kind.DAY, aliases=("退出日期",), note="仍在册留空"),
        ),
        key=("id_no", "child_kind", "event_date"),
        texts=("guardian",),
    ),
    Contract(
        code="civil.benefits",
        department="civil",
        title=Message("救助福利发放", "civil benefits paid"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("所属月份", "发放月份", "月份", kind=Kind.MONTH, example="2024-05"),
        own=(
            Column(
                name="payment_no",
                label="发放编号",
                required=True,
                aliases=("流水号",),
                max_length=64,
                example="FL202405000001",
            ),
            Column(
                name="benefit",
                label="发放项目",
                kind=Kind.CHOICE,
                required=True,
                aliases=("项目", "补贴项目"),
                choices={
                    "低保增发": "subsistence_extra",
                    "困难残疾人生活补贴": "living",
                    "重度残疾人护理补贴": "nursing",
                    "孤儿基本生活费": "orphan",
                    "事实无人抚养儿童基本生活费": "unsupported",
                },
                example="重度残疾人护理补贴",
            ),
            Column(
                name="paid_fen",
                label="发放金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("金额",),
                minimum=0,
                example="100.00",
            ),
        ),
        key=("id_no", "payment_no"),
    ),
)
