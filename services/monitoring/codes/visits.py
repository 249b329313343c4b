"""Helpers, carers, who is marked for attention, and why a household is visited; ours, since no standard lists them."""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list("helper_kind", title=Message("帮扶责任人类别", "Kind of helper"), source="平台自定 / the platform's own")
class HelperKind(CodeList):
    OFFICER = "officer", "本地干部"
    PERSON = "person", "社会人士"
    UNIT = "unit", "帮扶单位"


@code_list(
    "attention_kind",
    title=Message("三留守与重点人群", "Left-behind people and key groups"),
    source="湖北2019年稳定脱贫意见；平顶山2022年综述；条款 H-22、P-08；代码自定 / clause H-22, P-08; codes ours",
)
class AttentionKind(CodeList):
    LEFT_BEHIND_ELDER = "left_behind_elder", "留守老人"
    LEFT_BEHIND_WOMAN = "left_behind_woman", "留守妇女"
    LEFT_BEHIND_CHILD = "left_behind_child", "留守儿童"
    DIFFICULT_CHILD = "difficult_child", "困境儿童"
    SERIOUS_ILLNESS = "serious_illness", "大病患者"
    CHRONIC_BURDEN = "chronic_burden", "负担较重的慢性病患者"
    SEVERE_DISABILITY = "severe_disability", "重度残疾人"
    DISABLED_ELDER = "disabled_elder", "失能老年人"


@code_list(
    "carer_kind",
    title=Message("5个1关爱人", "Carer of a left-behind child"),
    source="湖北2019年稳定脱贫意见；条款 H-23 / clause H-23",
)
class CarerKind(CodeList):
    """The child is the first of the five, so four kinds of carers."""

    NEIGHBOUR = "neighbour", "邻居"
    TEACHER = "teacher", "教师"
    CADRE = "cadre", "干部"
    VOLUNTEER_TEAM = "volunteer_team", "志愿服务队"


@code_list(
    "visit_reason",
    title=Message("走访事由", "Why a visit is due"),
    source="湖北2019年稳定脱贫意见；岚发〔2021〕7号；平顶山2022年综述；四川有效衔接实施意见；"
    "条款 B8、H-22、L-14、P-08、S-17；代码自定 / clause B8, H-22, L-14, P-08, S-17; codes ours",
)
class VisitReason(CodeList):
    MONITORED = "monitored", "监测对象走访"
    FOLLOW_UP = "follow_up", "风险消除后回访"
    LIFTED = "lifted", "脱贫户走访"
    PAIRED = "paired", "结对帮扶走访"
    AGREED = "agreed", "约定的下次走访"
    LEFT_BEHIND_ELDER = "left_behind_elder", "留守老人探访"
    LEFT_BEHIND_WOMAN = "left_behind_woman", "留守妇女走访"
    LEFT_BEHIND_CHILD = "left_behind_child", "留守儿童探访"
    DIFFICULT_CHILD = "difficult_child", "困境儿童探访"
    SERIOUS_ILLNESS = "serious_illness", "大病患者走访"
    CHRONIC_BURDEN = "chronic_burden", "慢性病患者走访"
    SEVERE_DISABILITY = "severe_disability", "重度残疾人走访"
    DISABLED_ELDER = "disabled_elder", "失能老年人走访"
    DESTITUTE = "destitute", "特困人员访视"
    LOW_INCOME = "low_income", "低收入人口访视"


@code_list("visit_way", title=Message("走访方式", "How a visit was paid"), source="平台自定 / the platform's own")
class VisitWay(CodeList):
    AT_HOME = "at_home", "入户"
    ELSEWHERE = "elsewhere", "当面（户外）"
    BY_PHONE = "by_phone", "电话"
    BY_VIDEO = "by_video", "视频"


HEALTH_MARKS: Final = frozenset(
    {
        AttentionKind.SERIOUS_ILLNESS,
        AttentionKind.CHRONIC_BURDEN,
        AttentionKind.SEVERE_DISABILITY,
        AttentionKind.DISABLED_ELDER,
    }
)
"""Marks that tell of somebody's health, which case roles alone may know (clause F6)."""
