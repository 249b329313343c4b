"""Labour, health and schooling, in the words of the national monitoring system (no standard numbers them)."""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list

_NATIONAL: Final = "national monitoring system, 2021 to 2025 exports; codes ours"


@code_list("labour_skill", title=Message("劳动技能", "Labour skill"), source=_NATIONAL)
class LabourSkill(CodeList):
    SKILLED = "skilled", "技能劳动力"
    ORDINARY = "ordinary", "普通劳动力"
    WEAK = "weak", "弱劳动力或半劳动力", ("弱劳动力", "半劳动力", "弱（半）劳动力", "弱(半)劳动力")
    LOST = "lost", "丧失劳动力"
    NONE = "none", "无劳动力", ("无劳动能力",)


WORKING: Final = frozenset({LabourSkill.SKILLED, LabourSkill.ORDINARY, LabourSkill.WEAK})
"""Who counts as labour: skilled, ordinary, and weak or half."""


@code_list("health", title=Message("健康状况", "Health"), source=_NATIONAL)
class Health(CodeList):
    """A person may have several, but HEALTHY only alone."""

    HEALTHY = "healthy", "健康"
    CHRONIC = "chronic", "长期慢性病", ("慢性病",)
    SERIOUS = "serious", "患有大病", ("大病",)
    DISABLED = "disabled", "残疾"


@code_list("school_stage", title=Message("在校生状况", "Stage at school"), source=_NATIONAL)
class SchoolStage(CodeList):
    BEFORE_SCHOOL = "before_school", "学龄前儿童"
    PRESCHOOL = "preschool", "学前教育"
    PRIMARY = "primary", "小学"
    JUNIOR_HIGH_1 = "junior_high_1", "七年级"
    JUNIOR_HIGH_2 = "junior_high_2", "八年级"
    JUNIOR_HIGH_3 = "junior_high_3", "九年级"
    SENIOR_HIGH_1 = "senior_high_1", "普通高中一年级"
    SENIOR_HIGH_2 = "senior_high_2", "普通高中二年级"
    SENIOR_HIGH_3 = "senior_high_3", "普通高中三年级"
    VOCATIONAL_1 = "vocational_1", "中职一年级"
    VOCATIONAL_2 = "vocational_2", "中职二年级"
    VOCATIONAL_3 = "vocational_3", "中职三年级"
    HIGHER_VOCATIONAL_1 = "higher_vocational_1", "高职高专一年级"
    HIGHER_VOCATIONAL_2 = "higher_vocational_2", "高职高专二年级"
    HIGHER_VOCATIONAL_3 = "higher_vocational_3", "高职高专三年级"
    TECHNICIAN_1 = "technician_1", "技师学院一年级"
    TECHNICIAN_2 = "technician_2", "技师学院二年级"
    TECHNICIAN_3 = "technician_3", "技师学院三年级"
    TECHNICIAN_4 = "technician_4", "技师学院四年级"
    BACHELOR_1 = "bachelor_1", "本科一年级"
    BACHELOR_2 = "bachelor_2", "本科二年级"
    BACHELOR_3 = "bachelor_3", "本科三年级"
    BACHELOR_4 = "bachelor_4", "本科四年级"
    BACHELOR_5 = "bachelor_5", "本科五年级"
    POSTGRADUATE = "postgraduate", "硕士研究生及以上"

    @property
    def group(self) -> str:
        """The stage without its year: ``junior_high`` for ``junior_high_2``. Age limits are set by group."""
        head, _, year = self.value.rpartition("_")
        return head if year.isdigit() else self.value

    @property
    def grade(self) -> int | None:
        """The year of the stage; None for a stage without years, such as primary school."""
        year = self.value.rpartition("_")[2]
        return int(year) if year.isdigit() else None


VOCATIONAL: Final = frozenset(
    stage for stage in SchoolStage if stage.group in ("vocational", "higher_vocational", "technician")
)
"""Secondary and higher vocational stages, the ones that 雨露计划 supports."""

NOT_YET_PUPILS: Final = frozenset({SchoolStage.BEFORE_SCHOOL, SchoolStage.PRESCHOOL})
