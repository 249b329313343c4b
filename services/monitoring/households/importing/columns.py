"""The columns of an import by table: one person a row, the rows of one household below each other.

The household's own columns are read from the row that fills them first; another may repeat it, not contradict it.
NDJSON needs none of this: there a line is a household.
"""

from __future__ import annotations

from typing import Final

from chassis.tabular import Column, HeaderSpec, Kind
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.persons import Education, MaritalStatus, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage

KEY: Final = "household_key"
HEALTH: Final = "health"


def choices_of(codes: type[CodeList]) -> dict[str, str]:
    """Every name of every entry, with its code."""
    return {name: member.value for member in codes for name in (member.label, *member.aliases)}


HOUSEHOLD: Final = (
    Column(name="region", label="村区划代码", aliases=("区划代码", "行政区划代码"), example="610999101203"),
    Column(name="registration_region", label="户籍地区划代码", note="与居住地不同时填写"),
    Column(name="national_no", label="户编号", aliases=("国家系统户编号",)),
    Column(name="address", label="家庭住址", aliases=("住址", "地址")),
    Column(name="phone", label="家庭联系电话"),
    Column(name="is_lifted", label="是否脱贫户", aliases=("脱贫户",), kind=Kind.YES_NO),
    Column(name="lifted_year", label="脱贫年度", kind=Kind.INTEGER),
    Column(name="is_resettled", label="是否易地搬迁户", aliases=("易地搬迁户",), kind=Kind.YES_NO),
    Column(name="land_mu", label="耕地面积（亩）", aliases=("耕地面积",), note="至多两位小数"),
    Column(name="valid_from", label="生效日期", kind=Kind.DAY, note="不填为导入当日"),
)
PERSON: Final = (
    Column(name="name", label="姓名", required=True),
    Column(
        name="identity_number",
        label="身份证号",
        aliases=("身份证号码", "公民身份号码", "证件号码"),
        kind=Kind.IDENTITY_NUMBER,
    ),
    Column(name="no_number_reason", label="无身份证原因"),
    Column(name="birth_date", label="出生日期", kind=Kind.DAY),
    Column(name="sex", label="性别", kind=Kind.CHOICE, choices=choices_of(Sex)),
    Column(
        name="relation",
        label="与户主关系",
        kind=Kind.CHOICE,
        required=True,
        choices=choices_of(Relation),
    ),
    Column(name="ethnicity", label="民族", kind=Kind.CHOICE, choices=choices_of(Ethnicity)),
    Column(name="marriage", label="婚姻状况", kind=Kind.CHOICE, choices=choices_of(MaritalStatus)),
    Column(name="education", label="文化程度", kind=Kind.CHOICE, choices=choices_of(Education)),
    Column(name="school_stage", label="在校生状况", kind=Kind.CHOICE, choices=choices_of(SchoolStage)),
    Column(name="labour_skill", label="劳动技能", kind=Kind.CHOICE, choices=choices_of(LabourSkill)),
    Column(name=HEALTH, label="健康状况", note="多项以顿号隔开", example="长期慢性病、残疾"),
    Column(name="disability_number", label="残疾人证号", kind=Kind.IDENTITY_NUMBER),
    Column(name="person_phone", label="联系电话", aliases=("手机号",)),
    Column(name="is_insured", label="是否参加基本医疗保险", aliases=("是否参加医疗保险",), kind=Kind.YES_NO),
    Column(name="is_left_behind", label="是否留守", kind=Kind.YES_NO),
    Column(name="is_soldier", label="是否现役军人", kind=Kind.YES_NO),
    Column(name="person_national_no", label="人编号", aliases=("国家系统人编号",)),
)
COLUMNS: Final = (
    Column(name=KEY, label="户序号", aliases=("户号",), required=True, note="同一户的行填同一个序号，且相邻"),
    *HOUSEHOLD,
    *PERSON,
)
HEADER: Final = HeaderSpec(COLUMNS)
HEALTHS: Final = choices_of(Health) | {health.value: health.value for health in Health}
