"""The form by which a household is verified (入户核查表): family, income, spending, guarantees, risks, needs."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.income import IncomeGroup
from services.monitoring.codes.monitoring import GuaranteeAnswer, GuaranteeItem, MeasureKind, Risk
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.forms.model import AnswerKind, Form, Question, Section


def _labels(codes: type[CodeList]) -> dict[str, Message]:
    return {member.value: Message(member.label, member.label) for member in codes}


_INSURED: Final = {"insured": True, "insured_elsewhere": True, "not_insured": False}
_IN_SCHOOL: Final = {
    "enrolled": True,
    "enrolled_elsewhere": True,
    "home_teaching": True,
    "suspended": False,
    "dropped_out": False,
}
_GRADES: Final = {grade: Message(f"{grade} 级", f"grade {grade}") for grade in "ABCD"}

_FAMILY: Final = Section(
    "family",
    Message("家庭情况", "family"),
    (
        Question(
            code="address",
            title=Message("现住址", "present address"),
            kind=AnswerKind.TEXT,
            known_from=("household.address",),
        ),
        Question(
            code="is_lifted",
            title=Message("是否脱贫户", "lifted out of poverty"),
            kind=AnswerKind.YES_NO,
            known_from=("household.is_lifted",),
        ),
        Question(
            code="is_resettled",
            title=Message("是否易地搬迁户", "resettled"),
            kind=AnswerKind.YES_NO,
            known_from=("household.is_resettled",),
        ),
        Question(
            code="relation",
            title=Message("与户主关系", "relation to the head"),
            kind=AnswerKind.CHOICE,
            per="member",
            choices=_labels(Relation),
            known_from=("person.relation",),
        ),
        Question(
            code="birth_date",
            title=Message("出生日期", "day of birth"),
            kind=AnswerKind.DAY,
            per="member",
            known_from=("person.birth_date",),
        ),
        Question(
            code="labour_skill",
            title=Message("劳动技能", "ability to work"),
            kind=AnswerKind.CHOICE,
            per="member",
            choices=_labels(LabourSkill),
            known_from=("person.labour_skill",),
            ages=(16, 150),
        ),
        Question(
            code="health",
            title=Message("健康状况", "health"),
            kind=AnswerKind.CHOICES,
            per="member",
            choices=_labels(Health),
            known_from=("person.health",),
            tells_health=True,
        ),
        Question(
            code="school_stage",
            title=Message("在读学段", "stage of schooling"),
            kind=AnswerKind.CHOICE,
            per="member",
            choices=_labels(SchoolStage),
            known_from=("person.school_stage",),
            ages=(3, 30),
        ),
        Question(
            code="is_at_work",
            title=Message("目前是否务工就业", "at work at present"),
            kind=AnswerKind.YES_NO,
            per="member",
            known_from=("record.work.status.is_working",),
            ages=(16, 70),
        ),
        Question(
            code="lives_at_home",
            title=Message("是否常住家中", "lives at home"),
            kind=AnswerKind.YES_NO,
            per="member",
            is_required=True,
        ),
    ),
)

_INCOME: Final = Section(
    "income",
    Message("近十二个月收入", "income of the last twelve months"),
    tuple(
        Question(
            code=group.value,
            title=Message(group.label, group.name.lower().replace("_", " ")),
            kind=AnswerKind.MONEY,
            known_from=(f"income.{group.value}",),
        )
        for group in (IncomeGroup.WAGE, IncomeGroup.OPERATING_INCOME, IncomeGroup.PROPERTY, IncomeGroup.TRANSFER)
    ),
)

_SPENDING: Final = Section(
    "spending",
    Message("近十二个月支出", "spending of the last twelve months"),
    (
        Question(
            code=IncomeGroup.OPERATING_EXPENSE.value,
            title=Message(IncomeGroup.OPERATING_EXPENSE.label, "operating expense"),
            kind=AnswerKind.MONEY,
            known_from=("income.operating_expense",),
        ),
        Question(
            code="medical_self_pay",
            title=Message("医疗合规自付", "medical self-pay"),
            kind=AnswerKind.MONEY,
            known_from=("total.medical.annual_self_pay.self_pay_fen",),
            tells_health=True,
        ),
        Question(
            code="school_cost",
            title=Message("就学净支出", "net cost of schooling"),
            kind=AnswerKind.MONEY,
            known_from=("total.education.costs.school_net_cost_fen",),
        ),
        Question(code="debt", title=Message("家庭负债", "debt of the household"), kind=AnswerKind.MONEY),
    ),
)

_GUARANTEES: Final = Section(
    "guarantees",
    Message("两不愁三保障及饮水安全", "guarantees"),
    (
        Question(
            code="house_grade",
            title=Message("住房鉴定等级", "grade of the house"),
            kind=AnswerKind.CHOICE,
            choices=_GRADES,
            known_from=("record.housing.appraisals.house_grade",),
        ),
        Question(
            code="is_insured",
            title=Message("是否参加基本医保", "insured"),
            kind=AnswerKind.YES_NO,
            per="member",
            known_from=("record.medical.insurance.insurance_status", "person.is_insured"),
            means=_INSURED,
        ),
        Question(
            code="is_in_school",
            title=Message("义务教育阶段是否在校", "in compulsory school"),
            kind=AnswerKind.YES_NO,
            per="member",
            known_from=("record.education.status.school_status",),
            means=_IN_SCHOOL,
            ages=(6, 15),
        ),
        *(
            Question(
                code=f"guarantee.{item.value}",
                title=Message(item.label, item.name.lower().replace("_", " ")),
                kind=AnswerKind.CHOICE,
                choices=_labels(GuaranteeAnswer),
                is_required=True,
            )
            for item in GuaranteeItem
        ),
    ),
)

_RISKS_AND_NEEDS: Final = (
    Section(
        "risks",
        Message("致贫返贫风险", "risks"),
        (
            Question(
                code="risks",
                title=Message("风险类别", "risks"),
                kind=AnswerKind.CHOICES,
                choices=_labels(Risk),
                known_from=("household.risks",),
                tells_health=True,
            ),
            Question(code="risk_note", title=Message("风险说明", "what happened"), kind=AnswerKind.TEXT),
        ),
    ),
    Section(
        "needs",
        Message("帮扶需求", "needs"),
        (
            Question(
                code="needs",
                title=Message("需要的帮扶", "help that is needed"),
                kind=AnswerKind.CHOICES,
                choices=_labels(MeasureKind),
            ),
            Question(code="needs_note", title=Message("需求说明", "in the family's words"), kind=AnswerKind.TEXT),
            Question(
                code="applies",
                title=Message("是否愿意纳入监测", "wishes to be monitored"),
                kind=AnswerKind.YES_NO,
                is_required=True,
            ),
        ),
    ),
)

HOUSEHOLD_CHECK: Final = Form(
    code="household_check",
    version=1,
    title=Message("防返贫监测入户核查表", "interview at the household"),
    source="条款 B6、B7、B8；问题自定 / clause B6, B7, B8; the questions chosen here",
    valid_from=date(2021, 1, 1),
    sections=(_FAMILY, _INCOME, _SPENDING, _GUARANTEES, *_RISKS_AND_NEEDS),
)

FORMS: Final = (HOUSEHOLD_CHECK,)
"""Every version of every form."""
