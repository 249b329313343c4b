"""Classes of policies that help people; ours, since no standard lists them."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list(
    "policy_class",
    title=Message("惠民政策类别", "Class of a policy"),
    source="平顶山2022年综述；条款 P-09；代码自定 / clause P-09; codes ours",
)
class PolicyClass(CodeList):
    EDUCATION = "education", "教育资助"
    MEDICAL = "medical", "医疗保障"
    HOUSING = "housing", "住房安全"
    WATER = "water", "饮水安全"
    SOCIAL_AID = "social_aid", "社会救助"
    PENSION = "pension", "养老"
    DISABILITY = "disability", "残疾人福利"
    CHILDREN = "children", "儿童福利"
    WORK = "work", "就业"
    INDUSTRY = "industry", "产业"
    FINANCE = "finance", "金融"
    OTHER = "other", "其他"
