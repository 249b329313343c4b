"""The published columns of a national export: one person a row, the rows of one household below each other.

No official list of columns was found. The columns bear the labels of clauses B4, B6, B9, D2, F3, in that order, after
the numbers, places and dates that only such an export has, and the last visit stands behind the measures; a county's
own header is a saved mapping onto them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from chassis.tabular import Column, Kind
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.monitoring import DisasterKind, EliminationMode, MeasureKind, MonitoringType, Risk
from services.monitoring.codes.persons import Education, MaritalStatus, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.visits import VisitWay
from services.monitoring.codes.work_and_school import LabourSkill, SchoolStage
from services.monitoring.households.importing.columns import COLUMNS as REGISTRY
from services.monitoring.households.importing.columns import HEALTH, choices_of

DATASET: Final = "national"
"""The name under which the contract and a county's mapping onto it are kept."""
DEPARTMENT: Final = "monitoring"
VERSION: Final = 1
VALID_FROM: Final = date(2021, 1, 1)

RISKS_MAX: Final = 5  # the columns of the form; how many a household may have is a parameter
_OF_REGISTRY: Final = {column.name: column for column in REGISTRY}


@dataclass(frozen=True, slots=True)
class MeasureColumns:
    """The names of the three columns of one kind of measure: first day, last day, amount."""

    kind: MeasureKind
    started_on: str
    ended_on: str
    amount: str


def _of_registry(name: str, *, aliases: tuple[str, ...] = (), note: str = "") -> Column:
    """A column that an import of the registry has as well, under its own labels and those of the export."""
    known = _OF_REGISTRY[name]
    return replace(known, aliases=(*known.aliases, *aliases), note=note or known.note)


def _chosen(name: str, label: str, codes: type[CodeList], *aliases: str, note: str = "") -> Column:
    return Column(name=name, label=label, aliases=aliases, kind=Kind.CHOICE, choices=choices_of(codes), note=note)


_NUMBERS_AND_DATES: Final = (
    Column(
        name="household_no",
        label="户编号",
        aliases=("户编码", "家庭编号", "国家系统户编号"),
        required=True,
        max_length=64,
        note="同一户的行相邻，编号相同",
    ),
    Column(name="person_no", label="人编号", aliases=("人员编号", "个人编号", "国家系统人编号"), max_length=64),
    Column(name="name", label="姓名", aliases=("家庭成员姓名", "成员姓名"), required=True, max_length=50),
    Column(
        name="identity_number",
        label="证件号码",
        aliases=("身份证号", "身份证号码", "公民身份号码", "证件号"),
        kind=Kind.IDENTITY_NUMBER,
        note="18位身份证号，或20位、22位残疾人证号",
    ),
    _of_registry("no_number_reason"),
    _of_registry("region", aliases=("村编码", "村代码", "行政村代码"), note="没有代码时填写乡镇和行政村"),
    Column(name="town", label="乡镇", aliases=("乡", "镇", "乡（镇）", "乡镇（街道）", "乡镇名称"), max_length=50),
    Column(name="village", label="行政村", aliases=("村", "村（社区）", "行政村（社区）", "行政村名称"), max_length=50),
    _of_registry("registration_region"),
    _of_registry("address"),
    _of_registry("phone"),
    _of_registry("is_lifted"),
    _of_registry("lifted_year", aliases=("脱贫年份",)),
    _of_registry("is_resettled"),
    _of_registry("land_mu"),
    _chosen("monitoring_type", "监测对象类别", MonitoringType, "监测对象类型", "监测类别", "监测户类型"),
    Column(
        name="registered_on",
        label="识别日期",
        aliases=("识别时间", "监测对象识别时间", "认定时间", "纳入监测日期", "纳入时间"),
        kind=Kind.DAY,
        note="监测对象必填",
    ),
    Column(
        name="eliminated_on",
        label="风险消除日期",
        aliases=("风险消除时间", "消除日期", "消除时间"),
        kind=Kind.DAY,
    ),
    _chosen("elimination_mode", "风险消除方式", EliminationMode, "消除方式"),
    Column(name="contact", label="监测联系人", aliases=("监测责任人", "帮扶联系人"), note="不保存，只核对是否已指定"),
)

_TOTALS: Final = {
    IncomeGroup.WAGE: "wage_fen",
    IncomeGroup.OPERATING_INCOME: "operating_income_fen",
    IncomeGroup.PROPERTY: "property_fen",
    IncomeGroup.TRANSFER: "transfer_fen",
    IncomeGroup.OPERATING_EXPENSE: "operating_expense_fen",
    IncomeGroup.CLAIMS: "claims_fen",
    IncomeGroup.SELF_PAY: "self_pay_fen",
}
TOTALS: Final[Mapping[str, IncomeGroup]] = {name: group for group, name in _TOTALS.items()}
"""The columns of whole groups of income."""
PARTS: Final[Mapping[str, IncomeLineKind]] = {
    f"{kind.value.replace('.', '_')}_fen": kind for kind in IncomeLineKind if not kind.is_undivided
}
"""The columns of single kinds of income."""


def _income() -> Iterator[Column]:
    yield Column(
        name="income_year",
        label="收支年度",
        aliases=("年度", "收入年度", "核算年度"),
        kind=Kind.INTEGER,
        note="年度核算期（如上年10月至当年9月）所止的年份；不填为导出日前最近一期",
        example="2023",
    )
    for group, total in _TOTALS.items():
        yield Column(name=total, label=group.label, kind=Kind.AMOUNT)
        for name, kind in PARTS.items():
            if kind.group is group:
                yield Column(name=name, label=kind.label, aliases=kind.aliases, kind=Kind.AMOUNT)


_FIGURES: Final = ("一", "二", "三", "四", "五")
RISK_COLUMNS: Final = tuple(f"risk_{place}" for place in range(1, RISKS_MAX + 1))


def _risks() -> Iterator[Column]:
    yield Column(
        name="risks",
        label="致贫返贫风险",
        aliases=("返贫致贫风险", "主要致贫返贫风险", "风险类型"),
        note="多项以顿号隔开；也可分列填写在以下各列",
        example="因病、因学",
    )
    for place, name in enumerate(RISK_COLUMNS, 1):
        figure = _FIGURES[place - 1]
        stems = ("致贫返贫风险", "返贫致贫风险", "风险")
        labels = [f"{stem}{mark}" for stem in stems for mark in (figure, place)]
        yield _chosen(name, labels[0], Risk, *labels[1:])
    yield _chosen("disaster_kind", "自然灾害类别", DisasterKind, note="风险为因自然灾害时填写")
    yield Column(name="risk_note", label="其他风险说明", note="风险为其他时填写")


MEASURES: Final = tuple(
    MeasureColumns(kind, *(f"measure_{kind}_{part}" for part in ("started_on", "ended_on", "fen")))
    for kind in MeasureKind
)


def _measures() -> Iterator[Column]:
    for columns in MEASURES:
        label = columns.kind.label
        yield Column(name=columns.started_on, label=f"{label}措施开始日期", kind=Kind.DAY)
        yield Column(name=columns.ended_on, label=f"{label}措施结束日期", kind=Kind.DAY)
        yield Column(name=columns.amount, label=f"{label}措施金额", kind=Kind.AMOUNT)


_VISIT: Final = (
    Column(
        name="visited_on",
        label="最近走访日期",
        aliases=("走访日期", "走访时间", "最近走访时间", "入户走访日期", "最近入户日期"),
        kind=Kind.DAY,
    ),
    _chosen("visit_way", "走访方式", VisitWay, note="不填为入户"),
    Column(name="visit_findings", label="走访情况", aliases=("走访记录", "走访结果", "走访内容"), max_length=1000),
)
_WORK: Final = (
    _of_registry("labour_skill", aliases=("劳动能力",)),
    _of_registry(HEALTH),
    _of_registry("education"),
    _of_registry("school_stage", aliases=("在校情况",)),
)
_PERSONAL: Final = (
    _of_registry("sex"),
    _of_registry("birth_date"),
    _of_registry("marriage"),
    _of_registry("ethnicity"),
    _of_registry("relation"),
    _of_registry("disability_number"),
    _of_registry("person_phone"),
    _of_registry("is_insured"),
    _of_registry("is_left_behind"),
)
COLUMNS: Final = (*_NUMBERS_AND_DATES, *_income(), *_risks(), *_measures(), *_VISIT, *_WORK, *_PERSONAL)
"""Every column, in the template's order."""

CODES: Final[Mapping[str, type[CodeList]]] = {
    "monitoring_type": MonitoringType,
    "elimination_mode": EliminationMode,
    "disaster_kind": DisasterKind,
    "visit_way": VisitWay,
    **dict.fromkeys(RISK_COLUMNS, Risk),
    "labour_skill": LabourSkill,
    "education": Education,
    "school_stage": SchoolStage,
    "sex": Sex,
    "marriage": MaritalStatus,
    "ethnicity": Ethnicity,
    "relation": Relation,
}
"""The columns that hold one entry of a code list, as code or as label."""

OF_PERSON: Final = frozenset(
    {"person_no", "name", "identity_number", "no_number_reason", *(column.name for column in (*_WORK, *_PERSONAL))}
)
"""Columns that say something of each member; all others are the household's."""
