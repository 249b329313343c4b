"""What a rule may ask about a person, from the registry and from the latest rows of departments."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.terms.kinds import amount, code, count, flag
from services.monitoring.screening.vocabulary import Term

REGISTRY: Final[tuple[Term, ...]] = (
    flag("person_is_lifted", ("脱贫人口", "lifted person"),
         ("本人为已脱贫人口", "The person was registered as poor and left poverty."),
         part="person_base", source="registry"),
    count("age_years", ("周岁", "age"), ("筛查日周岁", "Completed years on the day of screening."),
          part="person_base", source="registry", unit="years", high=150),
    count("age_months", ("月龄", "age in months"), ("筛查日满月数", "Completed months on the day of screening."),
          part="person_base", source="registry", unit="months", high=1800),
    count("age_days", ("日龄", "age in days"), ("出生至筛查日的天数", "Days from birth to the day of screening."),
          part="person_base", source="registry", unit="days", high=55_000),
    count("school_age_years", ("学年起点周岁", "age at the start of the school year"),
          ("本学年开始前的8月31日周岁；入学年龄按此计算",
           "Completed years on the 31 August before the school year; below zero if born later."),
          part="person_base", source="registry", unit="years", low=-2, high=150),
    flag("is_student", ("在校生", "student"), ("登记为在校生", "Registered as a student."),
         part="person_base", source="registry"),
    flag("is_soldier", ("现役军人", "soldier"), ("登记为现役军人", "Registered as serving."),
         part="person_base", source="registry"),
    code("labour_skill", ("劳动技能", "labour"), ("登记的劳动技能", "Capacity for work as registered."),
         {"skilled": ("技能劳动力", "skilled"), "ordinary": ("普通劳动力", "ordinary"),
          "weak": ("弱劳动力或半劳动力", "weak or half"), "lost": ("丧失劳动力", "lost"), "none": ("无劳动力", "none")},
         part="person_base", source="registry"),
    flag("has_labour", ("有劳动力", "fit for work"),
         ("劳动年龄内、技能为技能、普通或弱劳动力、非在校生；技能不明算否",
          "Of working age with skilled, ordinary or weak labour and no student; unknown skill counts as no."),
         part="person_base", source="registry"),
    flag("is_main_worker", ("主要劳动力", "main worker"),
         ("家中唯一劳动力，或近十二个月工资最高的劳动力（相同则都算）",
          "The only member fit for work, or one with the highest wage over twelve months; equals count alike."),
         part="person_main_worker", source="work.wages"),
)  # fmt: skip

DEPARTMENTS: Final[tuple[Term, ...]] = (
    amount("year_self_pay_fen", ("本年累计合规自付", "self-pay this year"),
           ("本年1月1日起政策范围内医疗自付累计，取最近一次",
            "In-policy medical self-pay since 1 January, latest row."),
           part="person_self_pay", source="medical.annual_self_pay"),
    code("insurance_status", ("参保状态", "insurance"),
         ("本年度基本医保参保状态；名单报全后仍查无此人为未参保，未报全前未知",
          "Basic insurance this year; absent from a complete list is not insured, before that unknown."),
         {"insured": ("已参保", "insured"), "insured_elsewhere": ("异地参保", "insured elsewhere"),
          "not_insured": ("未参保", "not insured")},
         part="person_insurance", source="medical.insurance"),
    code("school_status", ("就学状态", "schooling"),
         ("本学年学籍状态；学籍报全后仍查无此人为查无学籍，未报全前未知",
          "Status this school year; absent from a complete roll is not found, before that unknown."),
         {"enrolled": ("在读", "enrolled"), "enrolled_elsewhere": ("在外县就读", "enrolled in another county"),
          "home_teaching": ("送教上门", "taught at home"), "exempt_medical": ("因病免学或缓学", "exempt for health"),
          "suspended": ("休学", "on leave"), "graduated": ("毕业", "graduated"), "dropped_out": ("辍学", "dropped out"),
          "not_found": ("查无学籍", "not on the roll")},
         part="person_school", source="education.status"),
    flag("is_working", ("务工就业", "at work"),
         ("正在务工就业或服役；无任何来源时未知", "Works or serves now; unknown without any source."),
         part="person_work", source="work.status", nullable=True),
    count("idle_months", ("未务工月数", "months without work"),
          ("最后务工月之后、筛查月之前的整月数；在业为 0；从未务工自劳动年龄起算",
           "Whole months between the last month of work and the month of screening; 0 while at work."),
          part="person_work", source="work.status", unit="months", high=1200),
    amount("wage_12m_fen", ("近十二个月工资", "wage over twelve months"),
           ("最近一次报送月份止十二个月工资合计", "Wage over the twelve months up to the latest month reported."),
           part="person_wage", source="work.wages"),
    amount("wage_previous_12m_fen", ("上年同期十二个月工资", "wage over the twelve months before"),
           ("同一口径、早十二个月的合计；无该月数据时未知",
            "The same sum twelve months earlier; unknown if not reported."),
           part="person_wage", source="work.wages"),
    count("wage_months_ago", ("工资数据距今月数", "age of the wage figure"),
          ("最近一次工资月份距筛查月的月数", "Months from the latest wage month to the month of screening."),
          part="person_wage", source="work.wages", unit="months", high=1200),
)  # fmt: skip

PERSON: Final[tuple[Term, ...]] = (*REGISTRY, *DEPARTMENTS)
