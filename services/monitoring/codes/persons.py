"""Sex, marriage, education, disability: what national standards say about a person."""

from __future__ import annotations

from datetime import date

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list("sex", title=Message("性别", "Sex"), source="GB/T 2261.1-2003")
class Sex(CodeList):
    UNKNOWN = "0", "未知的性别", ("未知",)
    MALE = "1", "男性", ("男",)
    FEMALE = "2", "女性", ("女",)
    UNSTATED = "9", "未说明的性别", ("未说明",)


@code_list("marital_status", title=Message("婚姻状况", "Marital status"), source="GB/T 2261.2-2003")
class MaritalStatus(CodeList):
    SINGLE = "10", "未婚"
    MARRIED = "20", "已婚"
    WIDOWED = "30", "丧偶"
    DIVORCED = "40", "离婚", ("离异",)
    UNSTATED = "90", "未说明的婚姻状况", ("未说明",)


@code_list("education", title=Message("文化程度", "Education completed"), source="GB/T 4658-2006")
class Education(CodeList):
    """Highest level completed. The national system's six levels are aliases of the nearest entry."""

    POSTGRADUATE = "10", "研究生教育", ("研究生",)
    BACHELOR = "20", "大学本科教育", ("本科", "大学本科", "本科及以上")
    JUNIOR_COLLEGE = "30", "大学专科教育", ("专科", "大专")
    SECONDARY_VOCATIONAL = "40", "中等职业教育", ("中专", "中职")
    SENIOR_HIGH = "60", "普通高级中学教育", ("高中", "普通高中")
    JUNIOR_HIGH = "70", "初级中学教育", ("初中",)
    PRIMARY = "80", "小学教育", ("小学",)
    OTHER = "90", "其他", ("文盲或半文盲",)


@code_list(
    "disability_class",
    title=Message("残疾类别", "Class of disability"),
    source="GB/T 26341-2010",
    valid_from=date(2011, 5, 1),
)
class DisabilityClass(CodeList):
    SIGHT = "1", "视力残疾", ("视力",)
    HEARING = "2", "听力残疾", ("听力",)
    SPEECH = "3", "言语残疾", ("言语",)
    LIMBS = "4", "肢体残疾", ("肢体",)
    INTELLECT = "5", "智力残疾", ("智力",)
    MIND = "6", "精神残疾", ("精神",)
    SEVERAL = "7", "多重残疾", ("多重",)


@code_list(
    "disability_level",
    title=Message("残疾等级", "Level of disability"),
    source="GB/T 26341-2010",
    valid_from=date(2011, 5, 1),
)
class DisabilityLevel(CodeList):
    """1 is the most severe; levels 1 and 2 count as severe (重度)."""

    FIRST = "1", "一级"
    SECOND = "2", "二级"
    THIRD = "3", "三级"
    FOURTH = "4", "四级"
