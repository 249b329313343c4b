"""The numbers and lists that registers depend on, as dated rows of an area; each first value says where it is from."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.registers import AidedClass, ChildKind, DisabilityBenefit, StudyStage

_FIRST_DAY: Final = date(2000, 1, 1)  # before every year that is still added up
_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"
_P: Final = "registers."

SCHOOL_AGE_MIN: Final = "screening.school_age_min_years"
SCHOOL_AGE_MAX: Final = "screening.school_age_max_years"
GOVERNMENT_LINE: Final = f"{_P}dropout.government_line"
SCHOOL_LINE: Final = f"{_P}dropout.school_line"
RETURN_STAY_DAYS: Final = f"{_P}dropout.return_stay_days"
SCHOOL_YEAR_MONTH: Final = f"{_P}student_aid.first_month"
AID_GRACE_DAYS: Final = f"{_P}student_aid.grace_days"
DAMAGE_DAYS: Final = f"{_P}house.damage_appraisal_days"
WATER_OFF_DAYS: Final = f"{_P}water.off_days"
WATER_DISTANCE: Final = f"{_P}water.distance_metres"
WATER_RELIABILITY: Final = f"{_P}water.reliability_percent"
SERIOUS_DEDUCTIBLE: Final = f"{_P}medical.serious_deductible"
SERIOUS_PERCENT: Final = f"{_P}medical.serious_percent"
FAVOUR_POINTS: Final = f"{_P}medical.favour_points"
FAVOUR_DEDUCTIBLE_PERCENT: Final = f"{_P}medical.favour_deductible_percent"
AID_CAP: Final = f"{_P}medical.aid_yearly_cap"
SELF_PAY_PERCENT: Final = f"{_P}medical.self_pay_percent"
STABLE_MONTHS: Final = f"{_P}resettled.stable_months"
SEVERE_LEVEL: Final = "screening.severe_disability_level_max"
LABOUR_FROM: Final = "screening.labour_age_min_years"
PENSION_AGE: Final = "screening.pension_min_years"
SUBSISTENCE_STANDARD: Final = f"{_P}subsistence.monthly_standard"
EXTRA_PERCENT: Final = f"{_P}subsistence.extra_percent"
EXTRA_OLD_YEARS: Final = f"{_P}subsistence.old_years"
ADULT_YEARS: Final = f"{_P}child.adult_years"
BENEFIT_GRACE_DAYS: Final = f"{_P}benefit.grace_days"
PENSION_CLASSES: Final = f"{_P}pension.classes"
PENSION_TIER: Final = f"{_P}pension.lowest_tier"
PENSION_FROM: Final = f"{_P}pension.from_years"
PENSION_GRACE_DAYS: Final = f"{_P}pension.grace_days"
INSURANCE_CONTRIBUTION: Final = f"{_P}insurance.contribution"
INSURANCE_GRACE_DAYS: Final = f"{_P}insurance.grace_days"
LIVING_CLASSES: Final = f"{_P}disability.living_classes"
REHABILITATION_YEARS: Final = f"{_P}disability.rehabilitation_years"
REHABILITATION_AMOUNT: Final = f"{_P}disability.rehabilitation_amount"
REHABILITATION_GRACE_DAYS: Final = f"{_P}disability.rehabilitation_grace_days"
QUAKE_INTENSITY: Final = f"{_P}quake.intensity"
QUAKE_RETROFIT_FROM: Final = f"{_P}quake.retrofit_from"
EXCLUDED_INCOME: Final = f"{_P}low_income.excluded_kinds"
WORKING_COST_PERCENT: Final = f"{_P}low_income.working_cost_percent"

AID_STAGES: Final = {
    StudyStage.PRESCHOOL: 75_000,
    StudyStage.PRIMARY: 50_000,
    StudyStage.JUNIOR: 62_500,
    StudyStage.SENIOR: 200_000,
    StudyStage.SECONDARY_VOCATIONAL: 200_000,
    StudyStage.HIGHER_VOCATIONAL: 0,
    StudyStage.UNDERGRADUATE: 0,
    StudyStage.POSTGRADUATE: 0,
}
"""First amount of a school year in 分; what a stage is due is a row of the area by date."""


STAGE_YEARS: Final = {
    StudyStage.PRESCHOOL: 3,
    StudyStage.PRIMARY: 6,
    StudyStage.JUNIOR: 3,
    StudyStage.SENIOR: 3,
    StudyStage.SECONDARY_VOCATIONAL: 3,
    StudyStage.HIGHER_VOCATIONAL: 3,
    StudyStage.UNDERGRADUATE: 4,
    StudyStage.POSTGRADUATE: 3,
}
"""First number of school years of a stage; an area with five years of primary school has rows of its own."""

INSURANCE_AID: Final = {
    AidedClass.SUBSISTENCE: 19_000,
    AidedClass.MARGINAL: 10_000,
    AidedClass.EXPENDITURE: 0,
    AidedClass.MONITORED: 10_000,
    AidedClass.LIFTED: 0,
    AidedClass.SEVERELY_DISABLED: 0,
}
"""First amount in 分 by which a class's contribution to medical insurance is aided; 特困 get all of it (S-10)."""


def insurance_aid_key(aided: str) -> str:
    """The parameter with what a class gets of a year's contribution to medical insurance."""
    return f"{_P}insurance.{aided}"


def benefit_key(benefit: str) -> str:
    """The parameter with a month's amount of a benefit of the disabled, or of a child's allowance."""
    return f"{_P}benefit.{benefit}"


def aid_key(stage: str) -> str:
    """The parameter with what a student of a stage is due in a school year."""
    return f"{_P}student_aid.{stage}"


def stage_years_key(stage: str) -> str:
    """The parameter with how many school years a stage lasts."""
    return f"{_P}stage_years.{stage}"


def _one(
    key: str, kind: ParameterType, value: Any, unit: str, zh: str, en: str, source: str = _CHOSEN,
    choices: tuple[str, ...] = (),
) -> Definition:  # fmt: skip
    least = 1 if kind is ParameterType.LIST else 0
    first = (Default(value, source, _FIRST_DAY),)
    return Definition(key, kind, unit, Message(zh, en), minimum=least, choices=choices, defaults=first)


_NUMBER: Final = ParameterType.INTEGER
_MONEY: Final = ParameterType.MONEY
_LIST: Final = ParameterType.LIST
_CLASSES: Final = tuple(str(one) for one in AidedClass)
_MONTHLY: Final = {
    DisabilityBenefit.LIVING: 8_000,
    DisabilityBenefit.NURSING: 8_000,
    ChildKind.ORPHAN: 100_000,
    ChildKind.UNSUPPORTED: 100_000,
}

DEFINITIONS: Final = (
    _one(GOVERNMENT_LINE, _LIST, ["县长", "教育局长", "镇长", "村长"], "", "控辍保学政府线责任人",
         "Duty holders of the government line against dropping out", "岚发〔2021〕7号, 七长责任制"),
    _one(SCHOOL_LINE, _LIST, ["校长", "师长", "家长"], "", "控辍保学学校线责任人",
         "Duty holders of the school line against dropping out", "岚发〔2021〕7号, 七长责任制"),
    _one(RETURN_STAY_DAYS, _NUMBER, 30, "天", "返校后稳定就读天数", "Days at school after which a return counts"),
    _one(SCHOOL_YEAR_MONTH, _NUMBER, 9, "月", "学年起始月", "Month with which the school year begins"),
    _one(AID_GRACE_DAYS, _NUMBER, 180, "天", "学年开始后资助应到位天数",
         "Days of the school year after which its aid must have been paid"),
    *(_one(aid_key(stage), _MONEY, fen, "元/人·学年", f"学生资助标准：{stage.label}",
           f"Student aid of a school year: {stage}")
      for stage, fen in AID_STAGES.items()),
    _one(DAMAGE_DAYS, _NUMBER, 10, "天", "房屋新增损坏后鉴定时限", "Days in which new damage of a house is appraised"),
    _one(WATER_OFF_DAYS, _NUMBER, 3, "天", "停水须处置天数", "Days without water after which it is a finding"),
    _one(WATER_DISTANCE, _NUMBER, 800, "米", "取水水平距离上限", "Greatest distance to water",
         "农村饮水安全评价准则 T/CHES 18-2018"),
    _one(WATER_RELIABILITY, _NUMBER, 90, "%", "供水保证率下限", "Least reliability of supply",
         "农村饮水安全评价准则 T/CHES 18-2018"),
    _one(SERIOUS_DEDUCTIBLE, _MONEY, 1_200_000, "元", "大病保险起付线", "Deductible of serious-illness insurance"),
    _one(SERIOUS_PERCENT, _NUMBER, 60, "%", "大病保险支付比例", "Share that serious-illness insurance pays"),
    _one(FAVOUR_POINTS, _NUMBER, 5, "百分点", "大病保险倾斜提高比例", "Points by which the share is raised",
         "岚发〔2021〕7号"),
    _one(FAVOUR_DEDUCTIBLE_PERCENT, _NUMBER, 50, "%", "大病保险倾斜起付线折算", "Share of the deductible that remains"),
    _one(AID_CAP, _MONEY, 5_000_000, "元/人·年", "医疗救助年度限额", "Yearly cap of medical aid"),
    _one(SELF_PAY_PERCENT, _NUMBER, 30, "%", "政策范围内自付比例上限", "Greatest share of self-pay within policy"),
    _one(STABLE_MONTHS, _NUMBER, 3, "月", "稳定就业月数", "Months of work in a row that count as stable"),
    _one(SUBSISTENCE_STANDARD, _MONEY, 56_000, "元/人·月", "低保月标准", "Monthly standard of 低保"),
    _one(EXTRA_PERCENT, _NUMBER, 20, "%", "低保增发比例", "Share of the standard paid in addition",
         "湖北2019年稳定脱贫意见；条款 H-11 / clause H-11"),
    _one(EXTRA_OLD_YEARS, _NUMBER, 60, "岁", "低保增发老年人起始年龄", "Age from which more allowance is due"),
    _one(ADULT_YEARS, _NUMBER, 18, "岁", "成年年龄", "Age from which nobody is a minor", "民法典 第17条"),
    _one(BENEFIT_GRACE_DAYS, _NUMBER, 60, "天", "按月福利到位天数", "Days from a month's first in which it is paid"),
    _one(PENSION_CLASSES, _LIST, ["destitute", "subsistence", "monitored", "severely_disabled"], "",
         "养老保险代缴对象", "Whose pension contributions are paid", choices=_CLASSES),
    _one(PENSION_TIER, _MONEY, 10_000, "元/人·年", "养老保险最低缴费档次", "Lowest tier of pension contributions",
         "国发〔2014〕8号；条款 S-19：保留最低缴费档次 / clause S-19"),
    _one(PENSION_FROM, _NUMBER, 16, "岁", "养老保险参保起始年龄", "Age of first insurance", "国发〔2014〕8号"),
    _one(PENSION_GRACE_DAYS, _NUMBER, 330, "天", "养老保险代缴到位天数", "Days of the year in which it is paid"),
    _one(INSURANCE_CONTRIBUTION, _MONEY, 38_000, "元/人·年", "居民医保个人缴费", "A person's contribution of a year"),
    *(_one(insurance_aid_key(aided), _MONEY, fen, "元/人·年", f"参保资助标准：{aided.label}",
           f"Aid to the contribution: {aided}")
      for aided, fen in INSURANCE_AID.items()),
    _one(INSURANCE_GRACE_DAYS, _NUMBER, 60, "天", "参保资助到位天数", "Days of the year in which aid is paid"),
    _one(LIVING_CLASSES, _LIST, ["subsistence"], "", "困难残疾人生活补贴对象（脱贫人口、监测对象为其重度残疾人）",
         "Classes that get the living allowance; of lifted and monitored people the severely disabled",
         "国发〔2015〕52号；条款 H-12；另有规定的地区可加入脱贫人口、监测对象 / clause H-12", choices=_CLASSES),
    *(_one(benefit_key(benefit), _MONEY, fen, "元/人·月", f"{benefit.label}标准", f"Monthly amount: {benefit}")
      for benefit, fen in _MONTHLY.items()),
    _one(REHABILITATION_YEARS, _NUMBER, 6, "岁", "残疾儿童康复年龄上限", "Age up to which rehabilitation is due",
         "国发〔2018〕20号"),
    _one(EXCLUDED_INCOME, _LIST, ["transfer.pension", "transfer.subsistence", "transfer.destitute"], "",
         "低保收入认定不计入项目", "Income that does not count for 低保",
         "岚发〔2021〕7号；条款 L-12；低保和特困供养金是认定的结果 / clause L-12",
         tuple(str(kind) for kind in IncomeLineKind)),
    _one(REHABILITATION_AMOUNT, _MONEY, 1_200_000, "元/人·年", "残疾儿童康复救助标准",
         "A year's aid to rehabilitation"),
    _one(REHABILITATION_GRACE_DAYS, _NUMBER, 330, "天", "康复救助到位天数", "Days of the year in which it is paid"),
    _one(QUAKE_INTENSITY, _NUMBER, 6, "度", "抗震设防烈度", "Seismic intensity that buildings are designed for"),
    _one(QUAKE_RETROFIT_FROM, _NUMBER, 7, "度", "农房抗震改造起始烈度", "Intensity from which houses are retrofitted",
         "条款 S-11：7度及以上 / clause S-11: intensity of 7 or more"),
    *(_one(stage_years_key(stage), _NUMBER, years, "年", f"学制年限：{stage.label}",
           f"School years of a stage: {stage}", "国家通行学制; 实行“五四”学制的地区另行设置")
      for stage, years in STAGE_YEARS.items()),
    _one(WORKING_COST_PERCENT, _NUMBER, 20, "%", "低保收入认定务工成本扣减比例", "Share of wages deducted as cost"),
)  # fmt: skip
