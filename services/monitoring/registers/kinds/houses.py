"""住房安全: appraisals, repairs of C and D houses, and new damage between two appraisals (H-08, S-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Fault, Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import HouseDamage, HouseGrade
from services.monitoring.registers.described import (
    CURRENT,
    LOCAL,
    SAME_HOUSE,
    TOWN,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Lookup,
    Register,
    is_latest,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of
from services.monitoring.registers.thresholds import DAMAGE_DAYS

_HOUSE_NO: Final = FactField(name="house_no", label=Message("房屋编号", "House number"), required=True, maximum=64)


class HouseAppraisal(Fact, table=True):
    """房屋鉴定: the grade of one house of a household from the day of its appraisal on."""

    __tablename__: ClassVar[Any] = "register_house"
    __table_args__ = fact_rules(
        "register_house", FactGrain.HOUSEHOLD, CheckConstraint("grade IN ('A', 'B', 'C', 'D')", "known_grade")
    )

    house_no: str = Field(sa_type=Text)
    grade: str = Field(sa_type=Text)
    is_only_house: bool
    repaired_on: date | None = None


class HouseRepair(Fact, table=True):
    """危房改造: a repair case, planned from ``holds_from`` on; it is over once it is accepted."""

    __tablename__: ClassVar[Any] = "register_house_repair"
    __table_args__ = fact_rules(
        "register_house_repair",
        FactGrain.HOUSEHOLD,
        CheckConstraint("accepted_on IS NULL OR started_on IS NOT NULL", "begun_before_accepted"),
        CheckConstraint("accepted_on >= started_on", "accepted_after_begun"),
    )

    house_no: str = Field(sa_type=Text)
    due_on: date
    started_on: date | None = None
    accepted_on: date | None = None


class HouseDamaged(Fact, table=True):
    """新增损坏: what somebody saw at a house on a day."""

    __tablename__: ClassVar[Any] = "register_house_damage"
    __table_args__ = fact_rules(
        "register_house_damage",
        FactGrain.HOUSEHOLD,
        CheckConstraint("damage IN ('cracked', 'leaking', 'sunk', 'collapsed', 'other')", "known_damage"),
    )

    house_no: str = Field(sa_type=Text)
    damage: str = Field(sa_type=Text)
    note: str | None = Field(None, sa_type=Text)


_APPRAISALS: Final = facts_of(
    "housing.appraisals",
    FactGrain.HOUSEHOLD,
    {
        "house_no": text_of("house_no"),
        "grade": text_of("house_grade"),
        "is_only_house": cast_of("is_only_house", "boolean"),
        "repaired_on": cast_of("repaired_on", "date"),
    },
    name="house",
    keys=("house_no",),
)

_NOT_BEGUN: Final = Message("验收前须填写开工日期。", "Give the day on which it was begun.")
_ACCEPTED_EARLY: Final = Message("验收日期早于开工日期。", "It was accepted before it was begun.")


def _in_order(values: Mapping[str, Any], _on: date, _lookup: Lookup) -> Sequence[Fault]:
    started_on, accepted_on = values["started_on"], values["accepted_on"]
    if accepted_on is None:
        return []
    if started_on is None:
        return [Fault("/started_on", "missing", _NOT_BEGUN)]
    return [Fault("/accepted_on", "accepted_early", _ACCEPTED_EARLY)] if accepted_on < started_on else []


HOUSES: Final = Register(
    code="house",
    title=Message("住房安全台账", "Register of houses"),
    clause="条款 H-08（湖北2019年稳定脱贫意见）C/D级危房，S-11（四川有效衔接实施意见）",
    grain=FactGrain.HOUSEHOLD,
    table=HouseAppraisal,
    fields=(
        _HOUSE_NO,
        FactField(name="grade", label=Message("鉴定等级", "Grade"), codes=HouseGrade, required=True),
        FactField(
            name="is_only_house", label=Message("唯一住房", "Only house"), kind=ExportType.BOOLEAN, required=True
        ),
        FactField(name="repaired_on", label=Message("改造完成日期", "Repaired on"), kind=ExportType.DAY),
    ),
    recorders=TOWN,
    feed=Feed(datasets=("housing.appraisals",), select=_APPRAISALS),
    findings=(
        FindingRule(
            code="unsafe_only_house",
            label=Message("唯一住房为C/D级危房", "The only house is of grade C or D"),
            duty="housing",
            condition=f"""f.grade IN ('C', 'D') AND f.is_only_house AND {CURRENT}
                AND {is_latest("register_house", SAME_HOUSE)}
                AND (f.repaired_on IS NULL OR f.repaired_on > :today)
                AND NOT EXISTS (
                    SELECT FROM register_house_repair AS done
                    WHERE done.household_id = f.household_id AND done.house_no = f.house_no
                      AND done.replaced_at IS NULL AND done.accepted_on BETWEEN f.holds_from AND :today)""",
        ),
    ),
)

REPAIRS: Final = Register(
    code="house_repair",
    title=Message("危房改造", "Repairs of unsafe houses"),
    clause="条款 H-08（湖北2019年稳定脱贫意见）C/D级危房改造",
    grain=FactGrain.HOUSEHOLD,
    table=HouseRepair,
    fields=(
        _HOUSE_NO,
        FactField(name="due_on", label=Message("计划完成日期", "To be done by"), kind=ExportType.DAY, required=True),
        FactField(name="started_on", label=Message("开工日期", "Begun on"), kind=ExportType.DAY),
        FactField(name="accepted_on", label=Message("验收日期", "Accepted on"), kind=ExportType.DAY),
    ),
    recorders=TOWN,
    checks=_in_order,
    findings=(
        FindingRule(
            code="repair_overdue",
            label=Message("危房改造逾期未验收", "A repair is not accepted by its day"),
            duty="housing",
            condition="f.accepted_on IS NULL AND f.due_on < :today",
        ),
    ),
)

DAMAGE: Final = Register(
    code="house_damage",
    title=Message("房屋新增损坏", "New damage of houses"),
    clause="条款 H-08（湖北2019年稳定脱贫意见）动态管理，S-11（四川有效衔接实施意见）住房安全动态监测",
    grain=FactGrain.HOUSEHOLD,
    table=HouseDamaged,
    fields=(
        _HOUSE_NO,
        FactField(name="damage", label=Message("损坏情况", "Damage"), codes=HouseDamage, required=True),
        FactField(name="note", label=Message("说明", "Note"), maximum=500),
    ),
    recorders=LOCAL,
    ends_the_same_day=True,
    findings=(
        FindingRule(
            code="damage_not_appraised",
            label=Message("新增损坏逾期未鉴定", "New damage was not appraised in time"),
            duty="housing",
            condition="""f.holds_from + :damage_days < :today AND NOT EXISTS (
                SELECT FROM register_house AS seen
                WHERE seen.household_id = f.household_id AND seen.house_no = f.house_no AND seen.replaced_at IS NULL
                  AND seen.holds_from >= f.holds_from)""",
            parameters={"damage_days": DAMAGE_DAYS},
        ),
    ),
)
