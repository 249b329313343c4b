"""Kinds of households, monitoring types, risks and their ends: the words of the monitoring policy."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list


@code_list("household_kind", title=Message("户类型", "Kind of household"), source="条款 B1 / clause B1")
class HouseholdKind(CodeList):
    """Kept apart from the monitoring type: a sudden hardship may strike either."""

    LIFTED = "lifted", "脱贫户"
    ORDINARY = "ordinary", "一般农户", ("非脱贫户",)


@code_list(
    "monitoring_type",
    title=Message("监测对象类别", "Monitoring type"),
    source="中农组发〔2021〕7号；条款 B1 / clause B1",
    valid_from=date(2021, 1, 1),
)
class MonitoringType(CodeList):
    UNSTABLE_LIFTED = "1", "脱贫不稳定户"
    MARGINAL = "2", "边缘易致贫户", ("边缘户",)
    SUDDEN_HARDSHIP = "3", "突发严重困难户"


@code_list("risk", title=Message("致贫返贫风险", "Risk"), source="条款 B6；编号自定 / clause B6; numbers ours")
class Risk(CodeList):
    ILLNESS = "01", "因病"
    SCHOOLING = "02", "因学"
    DISABILITY = "03", "因残"
    NATURAL_DISASTER = "04", "因自然灾害", ("因灾",)
    ACCIDENT = "05", "因意外事故"
    FAILED_PROJECT = "06", "因产业项目失败"
    UNSTABLE_WORK = "07", "因务工就业不稳"
    LACK_OF_LABOUR = "08", "缺劳动力", ("因缺劳动力", "缺劳力")
    UNSAFE_HOUSING = "09", "因安全住房", ("住房出现安全问题",)
    UNSAFE_WATER = "10", "因安全饮水", ("饮水出现安全问题",)
    OTHER = "99", "其他"


HEALTH_RISKS: Final = frozenset({Risk.ILLNESS, Risk.DISABILITY, Risk.ACCIDENT})
"""Risks that tell of somebody's health, which case roles alone may know (clause F6)."""


@code_list(
    "disaster_kind", title=Message("自然灾害类别", "Kind of natural disaster"), source="groups of GB/T 28921-2012"
)
class DisasterKind(CodeList):
    """The sub-kind that risk 04 needs."""

    WEATHER_AND_WATER = "weather_and_water", "气象水文灾害"
    GEOLOGY_AND_EARTHQUAKE = "geology_and_earthquake", "地质地震灾害"
    SEA = "sea", "海洋灾害"
    BIOLOGICAL = "biological", "生物灾害"
    ECOLOGICAL = "ecological", "生态环境灾害"


@code_list("elimination_mode", title=Message("风险消除方式", "How a risk ended"), source="条款 B10 / clause B10")
class EliminationMode(CodeList):
    HELPED = "helped", "帮扶消除"
    NATURAL = "natural", "自然消除"


@code_list(
    "measure_kind", title=Message("帮扶措施类别", "Kind of measure"), source="条款 B9；代码自定 / clause B9; codes ours"
)
class MeasureKind(CodeList):
    INDUSTRY = "industry", "产业", ("产业帮扶",)
    WORK = "work", "就业", ("就业帮扶",)
    FINANCE = "finance", "金融", ("金融帮扶",)
    PUBLIC_POST = "public_post", "公益岗位", ("公益岗位帮扶", "公益性岗位")
    HOUSING = "housing", "住房安全", ("住房安全保障",)
    WATER = "water", "饮水安全", ("饮水安全保障",)
    HEALTH = "health", "健康", ("健康帮扶",)
    COMPULSORY_EDUCATION = "compulsory_education", "义务教育", ("义务教育保障",)
    OTHER_EDUCATION = "other_education", "其他教育", ("教育帮扶", "雨露计划")
    COMPREHENSIVE_SECURITY = "comprehensive_security", "综合保障", ("综合性社会保障",)
    SOCIAL = "social", "社会帮扶"
    RESETTLEMENT = "resettlement", "搬迁", ("易地搬迁",)
    LIVING_CONDITIONS = "living_conditions", "生产生活条件改善"
    INFRASTRUCTURE = "infrastructure", "基础设施", ("基础设施建设",)


@code_list("classification_basis", title=Message("认定依据", "Basis of a classification"), source="条款 B5 / clause B5")
class ClassificationBasis(CodeList):
    PROVINCE_LINE = "province_line", "低于省定监测范围"
    COUNTY_60 = "county_60", "低于县上年人均纯收入的60%"
    SHOCK = "shock", "刚性支出或收入突变"
    GUARANTEE = "guarantee", "保障问题未解决"


@code_list("rule_60", title=Message("60%规则", "The 60 % rule"), source="岚发〔2021〕7号；条款 B2 / clause B2")
class Rule60(CodeList):
    """What a county does with income below its own line but not below the province's."""

    OFF = "off", "不采用"
    WATCH = "watch", "只预警"
    REGISTER = "register", "纳入监测"


@code_list("guarantee_item", title=Message("两不愁三保障及饮水安全", "Guarantee"), source="条款 B7 / clause B7")
class GuaranteeItem(CodeList):
    FOOD = "food", "不愁吃"
    CLOTHING = "clothing", "不愁穿"
    COMPULSORY_EDUCATION = "compulsory_education", "义务教育"
    BASIC_MEDICAL = "basic_medical", "基本医疗"
    HOUSING = "housing", "住房安全"
    WATER = "water", "饮水安全"


@code_list(
    "guarantee_answer", title=Message("保障核查结果", "Answer to a guarantee check"), source="条款 B7 / clause B7"
)
class GuaranteeAnswer(CodeList):
    YES = "yes", "是"
    NO = "no", "否"
    NOT_APPLICABLE = "not_applicable", "不适用"
