"""What the special registers say of school, houses, water, illness and support."""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list

_CONTRACT = "our contracts of department files; codes ours"


@code_list("fact_source", title=Message("台账来源", "Source of a register's fact"), source="代码自定 / codes ours")
class FactSource(CodeList):
    DEPARTMENT = "department", "行业部门"
    COMPUTED = "computed", "系统核算"
    OFFICER = "officer", "干部登记"
    CADRE = "cadre", "村级登记"


@code_list("school_status", title=Message("就学状态", "State at school"), source=_CONTRACT)
class SchoolStatus(CodeList):
    ENROLLED = "enrolled", "在读"
    ENROLLED_ELSEWHERE = "enrolled_elsewhere", "外县就读"
    HOME_TEACHING = "home_teaching", "送教上门"
    EXEMPT_MEDICAL = "exempt_medical", "因病免学或缓学"
    SUSPENDED = "suspended", "休学"
    GRADUATED = "graduated", "毕业"
    DROPPED_OUT = "dropped_out", "辍学"


@code_list("study_stage", title=Message("就读学段", "Stage of study"), source=_CONTRACT)
class StudyStage(CodeList):
    PRESCHOOL = "preschool", "学前"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "普通高中"
    SECONDARY_VOCATIONAL = "secondary_vocational", "中职"
    HIGHER_VOCATIONAL = "higher_vocational", "高职专科"
    UNDERGRADUATE = "undergraduate", "本科"
    POSTGRADUATE = "postgraduate", "研究生"


STUDY_STAGES: Final = {
    "preschool": StudyStage.PRESCHOOL,
    "primary": StudyStage.PRIMARY,
    "junior_high": StudyStage.JUNIOR,
    "senior_high": StudyStage.SENIOR,
    "vocational": StudyStage.SECONDARY_VOCATIONAL,
    "technician": StudyStage.SECONDARY_VOCATIONAL,
    "higher_vocational": StudyStage.HIGHER_VOCATIONAL,
    "bachelor": StudyStage.UNDERGRADUATE,
    "postgraduate": StudyStage.POSTGRADUATE,
}
"""The stage of study by the group of a stage at school as the registry words it; who is in none has no group here."""


@code_list(
    "stage_end_basis", title=Message("学段结束依据", "What the end of a stage goes by"), source="代码自定 / codes ours"
)
class StageEndBasis(CodeList):
    GRADE = "grade", "按年级推算"
    ENTRY = "entry", "按入学时间推算"
    AGE = "age", "按年龄推算"


@code_list(
    "dropout_line",
    title=Message("控辍保学责任线", "Line of dropout control"),
    source="湖北2019年稳定脱贫意见；条款 H-02 / clause H-02",
)
class DropoutLine(CodeList):
    GOVERNMENT = "government", "政府线"
    SCHOOL = "school", "学校线"


@code_list(
    "return_visit_outcome", title=Message("劝返结果", "Outcome of a visit to a dropout"), source="代码自定 / codes ours"
)
class ReturnVisitOutcome(CodeList):
    AGREED = "agreed", "同意返校"
    REFUSED = "refused", "不愿返校"
    AWAY = "away", "不在家"
    UNFIT = "unfit", "因病不能就学"


@code_list("house_grade", title=Message("房屋鉴定等级", "Grade of a house"), source=_CONTRACT)
class HouseGrade(CodeList):
    A = "A", "A级"
    B = "B", "B级"
    C = "C", "C级"
    D = "D", "D级"


@code_list(
    "house_damage",
    title=Message("房屋损坏", "Damage of a house"),
    source="湖北2019年稳定脱贫意见；条款 H-08；代码自定 / clause H-08; codes ours",
)
class HouseDamage(CodeList):
    CRACKED = "cracked", "墙体开裂"
    LEAKING = "leaking", "屋面漏雨"
    SUNK = "sunk", "地基下沉"
    COLLAPSED = "collapsed", "局部或整体倒塌"
    OTHER = "other", "其他"


@code_list("water_quality", title=Message("水质结果", "Quality of water"), source=_CONTRACT)
class WaterQuality(CodeList):
    PASS = "pass", "达标"
    FAIL = "fail", "不达标"


@code_list(
    "chronic_kind",
    title=Message("签约慢病病种", "Chronic illness under contract"),
    source="岚发〔2021〕7号；条款 L-08 / clause L-08",
)
class ChronicKind(CodeList):
    HYPERTENSION = "hypertension", "高血压"
    DIABETES = "diabetes", "糖尿病"
    TUBERCULOSIS = "tuberculosis", "肺结核"
    MENTAL = "mental", "严重精神障碍"


@code_list(
    "low_income_class",
    title=Message("低收入人口类别", "Class of low income"),
    source="西咸新区“一五六八”；条款 X-07 / clause X-07",
)
class LowIncomeClass(CodeList):
    SUBSISTENCE = "subsistence", "低保对象"
    DESTITUTE = "destitute", "特困人员"
    MARGINAL = "marginal", "低保边缘家庭"
    EXPENDITURE = "expenditure", "支出型困难家庭"
    EMERGENCY = "emergency", "急难救助对象"


@code_list(
    "guarantee_basis",
    title=Message("兜底保障事由", "Basis of coverage"),
    source="岚发〔2021〕7号；四川有效衔接实施意见；条款 L-11、S-07 / clause L-11, S-07",
)
class GuaranteeBasis(CodeList):
    SEVERELY_DISABLED = "severely_disabled", "重度残疾"
    SERIOUSLY_ILL = "seriously_ill", "重病"
    NO_LABOUR = "no_labour", "家庭无劳动力"


@code_list(
    "extra_basis",
    title=Message("低保增发事由", "Why more subsistence allowance is due"),
    source="湖北2019年稳定脱贫意见；条款 H-11 / clause H-11",
)
class ExtraBasis(CodeList):
    SEVERELY_DISABLED = "severely_disabled", "重度残疾"
    SERIOUSLY_ILL = "seriously_ill", "重病"
    OLD = "old", "老年人"
    MINOR = "minor", "未成年人"


@code_list(
    "aided_class",
    title=Message("参保代缴资助对象", "Whose contributions are aided"),
    source="岚发〔2021〕7号；四川有效衔接实施意见；条款 L-13、S-10 / clause L-13, S-10",
)
class AidedClass(CodeList):
    DESTITUTE = "destitute", "特困人员"
    SUBSISTENCE = "subsistence", "低保对象"
    MARGINAL = "marginal", "低保边缘家庭"
    EXPENDITURE = "expenditure", "支出型困难家庭"
    MONITORED = "monitored", "监测对象"
    LIFTED = "lifted", "脱贫人口"
    SEVERELY_DISABLED = "severely_disabled", "重度残疾人"


@code_list(
    "disability_benefit",
    title=Message("残疾人两项补贴", "Disability benefit"),
    source="湖北2019年稳定脱贫意见；条款 H-12 / clause H-12",
)
class DisabilityBenefit(CodeList):
    LIVING = "living", "困难残疾人生活补贴"
    NURSING = "nursing", "重度残疾人护理补贴"


@code_list(
    "disability_service",
    title=Message("残疾人服务", "Service for the disabled"),
    source="湖北2019年稳定脱贫意见；四川有效衔接实施意见；条款 H-12、S-18 / clause H-12, S-18",
)
class DisabilityService(CodeList):
    CARE = "care", "托养"
    REHABILITATION = "rehabilitation", "儿童康复"


@code_list(
    "rehabilitation_aid",
    title=Message("残疾儿童康复救助", "Aid to the rehabilitation of children"),
    source="四川有效衔接实施意见；条款 S-18 / clause S-18",
)
class RehabilitationAid(CodeList):
    TRAINING = "training", "康复训练"


@code_list(
    "child_kind",
    title=Message("困境儿童类别", "Kind of child in need"),
    source="岚发〔2021〕7号；四川有效衔接实施意见；条款 L-14、S-20 / clause L-14, S-20",
)
class ChildKind(CodeList):
    ORPHAN = "orphan", "孤儿"
    UNSUPPORTED = "unsupported", "事实无人抚养儿童"


@code_list(
    "insurance_kind",
    title=Message("参保险种", "Kind of insurance"),
    source="四川有效衔接实施意见；湖北2019年稳定脱贫意见；条款 S-10、H-31；代码自定 / clause S-10, H-31; codes ours",
)
class InsuranceKind(CodeList):
    """居民医保, and the five kinds of 防贫保险."""

    BASIC_MEDICAL = "basic_medical", "居民医保"
    HOUSE = "house", "农房保"
    INDUSTRY = "industry", "产业保"
    INJURY = "injury", "伤残保"
    LIABILITY = "liability", "家责保"
    TUITION = "tuition", "助学保"
