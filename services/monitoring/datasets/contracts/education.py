"""What education hands in: the school roll, the cost of schooling, and student aid paid, here or in other counties."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="education.status",
        department="education",
        title=Message("学籍状态", "school roll"),
        version=1,
        valid_from=_FROM,
        period=Period.SCHOOL_YEAR,
        event=happened("状态日期", "更新日期", "统计日期", example="2024-03-01"),
        own=(
            Column(
                name="school_status",
                label="就学状态",
                kind=Kind.CHOICE,
                required=True,
                aliases=("学籍状态", "在校状态"),
                choices={
                    "在读": "enrolled",
                    "外县就读": "enrolled_elsewhere",
                    "送教上门": "home_teaching",
                    "因病免学或缓学": "exempt_medical",
                    "休学": "suspended",
                    "毕业": "graduated",
                    "辍学": "dropped_out",
                },
                example="在读",
            ),
            Column(
                name="study_stage",
                label="就读学段",
                kind=Kind.CHOICE,
                aliases=("学段",),
                choices={
                    "学前": "preschool",
                    "小学": "primary",
                    "初中": "junior",
                    "普通高中": "senior",
                    "中职": "secondary_vocational",
                    "高职专科": "higher_vocational",
                    "本科": "undergraduate",
                    "研究生": "postgraduate",
                },
            ),
            Column(name="school", label="学校名称", aliases=("就读学校",)),
        ),
        key=("id_no", "event_date"),
        texts=("school",),
        feeds="record_school",
        facts={"event_date": "event_date", "school_status": "school_status"},
        complete_list=True,
        rules=("R08",),
    ),
    Contract(
        code="education.costs",
        department="education",
        title=Message("学年就学支出", "cost of schooling"),
        version=1,
        valid_from=_FROM,
        period=Period.SCHOOL_YEAR,
        event=happened("统计日期", "缴费日期", "日期", example="2024-03-10"),
        own=(
            Column(
                name="school_year",
                label="学年",
                kind=Kind.INTEGER,
                minimum=2000,
                maximum=2100,
                required=True,
                note="学年起始年，如 2023—2024 学年填 2023",
                example="2023",
            ),
            Column(
                name="study_stage",
                label="就读学段",
                kind=Kind.CHOICE,
                required=True,
                aliases=("学段",),
                choices={
                    "学前": "preschool",
                    "小学": "primary",
                    "初中": "junior",
                    "普通高中": "senior",
                    "中职": "secondary_vocational",
                    "高职专科": "higher_vocational",
                    "本科": "undergraduate",
                    "研究生": "postgraduate",
                },
                example="中职",
            ),
            Column(
                name="school_net_cost_fen",
                label="学年净支出",
                kind=Kind.AMOUNT,
                minimum=0,
                required=True,
                aliases=("扣除资助后支出", "年度净支出"),
                example="9800.00",
            ),
        ),
        key=("id_no", "school_year"),
        feeds="record_school_cost",
        facts={"event_date": "event_date", "study_stage": "study_stage", "school_net_cost_fen": "school_net_cost_fen"},
        rules=("R09",),
    ),
    Contract(
        code="education.aid",
        department="education",
        title=Message("学生资助发放", "student aid paid"),
        version=1,
        valid_from=_FROM,
        period=Period.SCHOOL_YEAR,
        event=happened("发放日期", "资助日期", "到账日期", example="2024-04-20"),
        own=(
            Column(
                name="payment_no",
                label="发放编号",
                required=True,
                aliases=("资助编号", "流水号"),
                max_length=64,
                example="ZZ20240420001",
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
            Column(name="aid_name", label="资助项目", aliases=("项目名称",)),
            Column(
                name="aid_paid_fen",
                label="发放金额",
                kind=Kind.AMOUNT,
                required=True,
                aliases=("资助金额",),
                minimum=0,
                example="625.00",
            ),
            Column(
                name="paying_county",
                label="发放县",
                aliases=("资助发放地", "就读县"),
                max_length=50,
                note="在外县就读、由外县发放的填县名，本县发放留空",
            ),
        ),
        key=("id_no", "payment_no"),
        texts=("paying_county",),
    ),
)
