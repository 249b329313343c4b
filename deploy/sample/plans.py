"""Each department's habits: in which form its file comes, under which headings, with which oddities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from deploy.sample.moments import Moments
from services.monitoring.datasets.contracts import contract_for
from services.monitoring.datasets.contracts.contract import Contract, Period


class Shape(StrEnum):
    """The program that a file comes out of."""

    CSV = "csv"
    CSV_BOM = "csv-bom"
    CSV_GB18030 = "csv-gb18030"
    XLSX = "xlsx"
    XLS = "xls"
    NDJSON = "ndjson"

    @property
    def suffix(self) -> str:
        return "csv" if self.value.startswith("csv") else self.value


@dataclass(frozen=True, slots=True)
class Habit:
    """How one file is written.

    :param headings: other headings by our column name; those that no contract knows need ``is_mapped``.
    :param order: columns that come first, in this order.
    :param title: a line above the header. ``extra``: a column that means nothing to us.
    :param in_wan: amounts in 万元, as the heading says. ``serial_days``: days as a spreadsheet's serial numbers.
    :param handed_in_twice: the same file comes again.
    """

    shape: Shape
    headings: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    title: str = ""
    extra: str = ""
    in_wan: bool = False
    serial_days: bool = False
    is_mapped: bool = False
    handed_in_twice: bool = False


_ID: Final = "公民身份号码"

HABITS: Final[Mapping[str, Habit]] = {
    "medical.annual_self_pay": Habit(
        Shape.CSV_GB18030, {"id_no": _ID, "name": "参保人姓名", "self_pay_fen": "政策范围内自付"},
        title="云岭县医疗保障局 年度自付情况", extra="序号"),
    "medical.insurance": Habit(Shape.CSV_BOM, order=("name", "id_no")),
    "medical.outpatient": Habit(Shape.XLSX, {"event_date": "结算月份"}),
    "medical.stays": Habit(
        Shape.XLSX, {"id_no": "公民证号", "stay_self_pay_fen": "个人负担（万元）", "stay_no": "单据号", "name": "患者"},
        order=("stay_no", "name"), in_wan=True, is_mapped=True),
    "health.serious_disease": Habit(Shape.CSV, {"event_date": "诊断日期"}),
    "health.chronic_contract": Habit(Shape.XLSX, serial_days=True),
    "education.status": Habit(Shape.XLSX, {"school_status": "学籍状态"}, title="学籍核对表（2023—2024学年）"),
    "education.costs": Habit(Shape.XLS),
    "disability.certificates": Habit(Shape.CSV_GB18030, {"certificate_no": "残疾证号"}),
    "disability.certificates@before": Habit(Shape.CSV_GB18030),
    "housing.appraisals": Habit(Shape.XLSX, {"house_grade": "危房等级"}, handed_in_twice=True),
    "water.supply": Habit(Shape.CSV),
    "emergency.disasters": Habit(Shape.NDJSON),
    "traffic.accidents": Habit(Shape.CSV_BOM),
    "work.status": Habit(Shape.CSV_GB18030, {"is_working": "是否务工"}, extra="备注"),
    "work.wages": Habit(Shape.XLSX),
    "work.wages@before": Habit(Shape.CSV),
    "civil.aid_change": Habit(Shape.CSV_BOM),
    "civil.temporary_aid": Habit(Shape.XLSX, {"temporary_aid_fen": "发放金额"}, serial_days=True),
    "civil.left_behind_visits": Habit(Shape.XLS),
    "women.left_behind_visits": Habit(Shape.NDJSON),
    "agriculture.losses": Habit(Shape.CSV, {"farm_loss_fen": "损失金额（万元）"}, in_wan=True),
    "agriculture.losses@late": Habit(Shape.CSV),
    "finance.credit": Habit(Shape.XLSX, order=("loan_no",)),
    "finance.credit@wrong": Habit(Shape.CSV),
    "security.status": Habit(Shape.CSV),
    "justice.status": Habit(Shape.XLSX),
    "reform.resettlement": Habit(Shape.CSV_BOM),
    "petitions.calls": Habit(Shape.NDJSON),
    "medical.settlements": Habit(Shape.XLSX),
    "medical.contribution_aid": Habit(Shape.CSV_GB18030),
    "education.aid": Habit(Shape.XLSX, title="学生资助发放表"),
    "disability.services": Habit(Shape.CSV),
    "water.access": Habit(Shape.CSV_BOM),
    "work.pension_contributions": Habit(Shape.CSV_GB18030),
    "civil.low_income": Habit(Shape.XLSX),
    "civil.children": Habit(Shape.XLS),
    "civil.benefits": Habit(Shape.CSV_BOM),
    "agriculture.yulu": Habit(Shape.CSV),
    "housing.quake_safety": Habit(Shape.CSV),
    "medical.contributions": Habit(Shape.XLSX),
    "finance.poverty_insurance": Habit(Shape.CSV_BOM),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One file that a department hands in.

    :param closes_on: last day on which the period takes files, given where the file is to be late.
    """

    batch: str
    contract: Contract
    habit: Habit
    period: str
    closes_on: date | None = None

    @property
    def file_name(self) -> str:
        return f"{self.batch.replace('@', '-')}-{self.period}.{self.habit.shape.suffix}"

    @property
    def is_refused(self) -> bool:
        """Whether each of its rows belongs to another period, so that the whole file is refused."""
        return self.batch.endswith("@wrong")

    @property
    def mapping(self) -> dict[str, str]:
        """Its own headings → our columns, where the department has to save a mapping first."""
        return {heading: name for name, heading in self.habit.headings.items()} if self.habit.is_mapped else {}


def plans(moments: Moments) -> list[Plan]:
    """Every file of the county, in the order in which they are handed in."""
    return [_plan(batch, habit, moments) for batch, habit in HABITS.items()]


def _plan(batch: str, habit: Habit, moments: Moments) -> Plan:
    dataset, _, variant = batch.partition("@")
    contract = contract_for(dataset, on=moments.on)
    closes_on = moments.month(1).replace(day=10) if variant == "late" else None
    return Plan(batch, contract, habit, _period(batch, contract.period, moments), closes_on)


def _period(batch: str, kind: Period, moments: Moments) -> str:
    months_ago = {"work.wages@before": 13, "disability.certificates@before": 8, "agriculture.losses@late": 2}
    month = moments.month(months_ago.get(batch, 1))
    quarter = moments.quarter_end
    return {
        Period.MONTH: f"{month:%Y-%m}",
        Period.EVENT: f"{month:%Y-%m}",
        Period.QUARTER: f"{quarter.year}-Q{(quarter.month + 2) // 3}",
        Period.YEAR: str(moments.on.year),
        Period.SCHOOL_YEAR: f"{moments.on.year - 1}-{moments.on.year}",
    }[kind]
