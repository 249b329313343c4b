"""What the special registers say of school, houses, water and illness."""

from __future__ import annotations

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList, code_list

_CONTRACT = "our contracts of department files; codes ours"


@code_list("fact_source", title=Message("台账来源", "Source of a register's fact"), source="codes ours")
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


@code_list("dropout_line", title=Message("控辍保学责任线", "Line of dropout control"), source="domain H-02")
class DropoutLine(CodeList):
    GOVERNMENT = "government", "政府线"
    SCHOOL = "school", "学校线"


@code_list("return_visit_outcome", title=Message("劝返结果", "Outcome of a visit to a dropout"), source="codes ours")
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


@code_list("house_damage", title=Message("房屋损坏", "Damage of a house"), source="domain H-08; codes ours")
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


@code_list("chronic_kind", title=Message("签约慢病病种", "Chronic illness under contract"), source="domain L-08")
class ChronicKind(CodeList):
    HYPERTENSION = "hypertension", "高血压"
    DIABETES = "diabetes", "糖尿病"
    TUBERCULOSIS = "tuberculosis", "肺结核"
    MENTAL = "mental", "严重精神障碍"
