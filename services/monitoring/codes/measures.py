"""Schemes, ends and timing of measures."""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list
from services.monitoring.codes.monitoring import MeasureKind


@code_list(
    "measure_scheme",
    title=Message("帮扶政策项目", "Scheme of a measure"),
    source="条款 B9；代码自定 / clause B9; codes ours",
)
class MeasureScheme(CodeList):
    """A measure under a policy with conditions of its own; others name none."""

    MICRO_CREDIT = "micro_credit", "小额信贷", ("脱贫人口小额信贷", "扶贫小额信贷")
    YULU = "yulu", "雨露计划"
    INSURANCE_HOUSE = "insurance_house", "农房保"
    INSURANCE_INDUSTRY = "insurance_industry", "产业保"
    INSURANCE_INJURY = "insurance_injury", "伤残保"
    INSURANCE_LIABILITY = "insurance_liability", "家责保"
    INSURANCE_TUITION = "insurance_tuition", "助学保"


INSURANCES: Final = (
    MeasureScheme.INSURANCE_HOUSE,
    MeasureScheme.INSURANCE_INDUSTRY,
    MeasureScheme.INSURANCE_INJURY,
    MeasureScheme.INSURANCE_LIABILITY,
    MeasureScheme.INSURANCE_TUITION,
)
"""防贫保险五种."""

TOLD_KINDS: Final = frozenset({MeasureKind.INDUSTRY, MeasureKind.WORK, MeasureKind.FINANCE, MeasureKind.PUBLIC_POST})
"""开发式帮扶: the kinds that events name (clause H)."""


@code_list(
    "measure_end",
    title=Message("帮扶措施结束原因", "Why a measure ended"),
    source="条款 B9；代码自定 / clause B9; codes ours",
)
class MeasureEnd(CodeList):
    COMPLETED = "completed", "按期完成"
    STOPPED_EARLY = "stopped_early", "提前终止"
    REPLACED = "replaced", "改用其他措施"
    NO_EFFECT = "no_effect", "未见成效"
    LEFT = "left", "对象已离开或去世"
    OTHER = "other", "其他原因"


@code_list(
    "measure_timing",
    title=Message("帮扶时点", "Timing of a measure"),
    source="岚发〔2021〕7号；西咸新区“一五六八”；条款 X-05 / clause X-05",
)
class MeasureTiming(CodeList):
    PREVENTIVE = "preventive", "事前预防"
    AFTER_EVENT = "after_event", "事后帮扶"
