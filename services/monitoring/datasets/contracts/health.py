"""What health hands in: newly diagnosed serious disease and doctor contracts of the chronically ill."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="health.serious_disease",
        department="health",
        title=Message("新发大病", "serious disease"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("确诊日期", "诊断日期"),
        own=(
            Column(
                name="disease_code",
                label="疾病编码",
                required=True,
                aliases=("诊断编码", "ICD编码"),
                max_length=16,
                note="ICD-10",
                example="C34.1",
            ),
            Column(name="disease_name", label="疾病名称", aliases=("诊断名称", "病种")),
        ),
        key=("id_no", "disease_code", "event_date"),
        feeds="record_disease",
        facts={"event_date": "event_date"},
        derived={"disease_category": "first three characters of disease_code, upper case"},
        rules=("R06",),
    ),
    Contract(
        code="health.chronic_contract",
        department="health",
        title=Message("慢病签约", "chronic disease contracts"),
        version=1,
        valid_from=_FROM,
        period=Period.QUARTER,
        event=happened("统计日期", "截止日期", "更新日期", example="2024-06-30"),
        own=(
            Column(
                name="chronic_kind",
                label="慢病病种",
                kind=Kind.CHOICE,
                required=True,
                aliases=("病种",),
                choices={
                    "高血压": "hypertension",
                    "糖尿病": "diabetes",
                    "肺结核": "tuberculosis",
                    "严重精神障碍": "mental",
                    "其他": "other",
                },
                example="高血压",
            ),
            Column(name="signed_on", label="签约日期", kind=Kind.DAY, aliases=("家医签约日期",), note="未签约留空"),
            Column(name="ends_on", label="签约到期日", kind=Kind.DAY, aliases=("到期日期",)),
        ),
        key=("id_no", "chronic_kind", "event_date"),
        feeds="record_chronic",
        facts={
            "event_date": "event_date",
            "chronic_kind": "chronic_kind",
            "signed_on": "signed_on",
            "ends_on": "ends_on",
        },
        rules=("R07",),
    ),
)
