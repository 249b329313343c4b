"""What medical insurance hands in: yearly self-pay, the insured, outpatient months, stays and their settlement."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="medical.annual_self_pay",
        department="medical",
        title=Message("医疗费用年度自付", "yearly medical self-pay"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("截至月份", "统计月份", "月份", kind=Kind.MONTH, example="2024-05"),
        own=(
            Column(
                name="self_pay_fen",
                label="本年累计合规自付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("累计合规自付费用", "政策范围内自付", "年度自付金额"),
                note="当年1月1日起政策范围内、各项报销后的个人自付，元",
                example="5200.00",
            ),
        ),
        key=("id_no", "event_date"),
        feeds="record_self_pay",
        facts={"event_date": "event_date", "self_pay_fen": "self_pay_fen"},
        rules=("R01", "R02"),
    ),
    Contract(
        code="medical.insurance",
        department="medical",
        title=Message("基本医保参保名单", "insured persons"),
        version=1,
        valid_from=_FROM,
        period=Period.YEAR,
        event=happened("参保日期", "登记日期", "状态日期", example="2024-01-05"),
        own=(
            Column(
                name="insured_year",
                label="参保年度",
                kind=Kind.INTEGER,
                required=True,
                aliases=("年度",),
                example="2024",
            ),
            Column(
                name="insurance_status",
                label="参保状态",
                kind=Kind.CHOICE,
                required=True,
                aliases=("参保情况",),
                choices={"已参保": "insured", "异地参保": "insured_elsewhere", "未参保": "not_insured"},
                example="已参保",
            ),
        ),
        key=("id_no", "insured_year", "event_date"),
        feeds="record_insurance",
        facts={"event_date": "event_date", "insured_year": "insured_year", "insurance_status": "insurance_status"},
        complete_list=True,
        rules=("R05",),
    ),
    Contract(
        code="medical.outpatient",
        department="medical",
        title=Message("门诊慢特病费用", "chronic and special outpatient cost"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("费用月份", "结算月份", "月份", kind=Kind.MONTH, example="2024-05"),
        own=(
            Column(
                name="outpatient_self_pay_fen",
                label="当月门诊慢特病自付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("门诊自付金额", "慢特病自付"),
                note="每人每月一行，合计，元",
                example="320.00",
            ),
        ),
        key=("id_no", "event_date"),
        feeds="record_outpatient",
        facts={"event_date": "event_date", "outpatient_self_pay_fen": "outpatient_self_pay_fen"},
        rules=("R04",),
    ),
    Contract(
        code="medical.stays",
        department="medical",
        title=Message("住院费用", "hospital stays"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("出院日期", "结算日期"),
        own=(
            Column(
                name="stay_no",
                label="住院结算号",
                required=True,
                aliases=("结算编号", "住院号"),
                max_length=64,
                note="同一人两次住院是两行",
                example="ZY202405200001",
            ),
            Column(name="admitted_on", label="入院日期", kind=Kind.DAY, example="2024-05-08"),
            Column(name="hospital", label="医疗机构", aliases=("医院名称", "就诊机构")),
            Column(
                name="stay_self_pay_fen",
                label="本次合规自付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("单次自付", "政策范围内自付"),
                example="6800.00",
            ),
        ),
        key=("id_no", "stay_no"),
        feeds="record_stay",
        facts={"event_date": "event_date", "stay_self_pay_fen": "stay_self_pay_fen"},
        rules=("R03",),
    ),
    Contract(
        code="medical.settlements",
        department="medical",
        title=Message("住院三重保障结算", "three-tier settlement of stays"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("结算日期", "出院日期"),
        own=(
            Column(
                name="stay_no",
                label="住院结算号",
                required=True,
                aliases=("结算编号", "住院号"),
                max_length=64,
                note="同一人两次住院是两行",
                example="ZY202405200001",
            ),
            Column(
                name="in_policy_fen",
                label="政策范围内费用",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("合规费用",),
                example="42000.00",
            ),
            Column(
                name="basic_paid_fen",
                label="基本医保支付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("统筹支付",),
                example="28000.00",
            ),
            Column(
                name="serious_paid_fen",
                label="大病保险支付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("大病支付",),
                example="5200.00",
            ),
            Column(
                name="aid_paid_fen",
                label="医疗救助支付",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("救助支付",),
                example="3000.00",
            ),
        ),
        key=("id_no", "stay_no"),
    ),
)
