"""农房抗震: whether houses stand an earthquake, and which were retrofitted where the intensity asks for it (S-11)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.registers.described import (
    CURRENT,
    SAME_HOUSE,
    TOWN,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Register,
    is_latest,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of
from services.monitoring.registers.thresholds import QUAKE_INTENSITY, QUAKE_RETROFIT_FROM


class QuakeSafety(Fact, table=True):
    """房屋抗震鉴定: whether a house met the code on a day; ``retrofitted_on`` is absent while nothing was done."""

    __tablename__: ClassVar[Any] = "register_quake_safety"
    __table_args__ = fact_rules("register_quake_safety", FactGrain.HOUSEHOLD)

    house_no: str = Field(sa_type=Text)
    meets_code: bool
    retrofitted_on: date | None = None


_APPRAISALS: Final = facts_of(
    "housing.quake_safety",
    FactGrain.HOUSEHOLD,
    {
        "house_no": text_of("house_no"),
        "meets_code": cast_of("meets_code", "boolean"),
        "retrofitted_on": cast_of("retrofitted_on", "date"),
    },
    name="quake",
    keys=("house_no",),
)

QUAKE: Final = Register(
    code="quake_safety",
    title=Message("农房抗震改造台账", "Register of earthquake retrofits"),
    clause="条款 S-11（四川有效衔接实施意见）抗震设防烈度7度及以上地区农房抗震改造",
    grain=FactGrain.HOUSEHOLD,
    table=QuakeSafety,
    fields=(
        FactField(name="house_no", label=Message("房屋编号", "House number"), required=True, maximum=64),
        FactField(
            name="meets_code", label=Message("抗震鉴定达标", "Meets the code"), kind=ExportType.BOOLEAN, required=True
        ),
        FactField(name="retrofitted_on", label=Message("抗震改造完成日期", "Retrofitted on"), kind=ExportType.DAY),
    ),
    recorders=TOWN,
    feed=Feed(datasets=("housing.quake_safety",), select=_APPRAISALS),
    findings=(
        FindingRule(
            code="not_retrofitted",
            label=Message("抗震不达标的房屋未改造", "A house that does not meet the code is not retrofitted"),
            duty="housing",
            condition=f"""{CURRENT} AND NOT f.meets_code
                AND {is_latest("register_quake_safety", SAME_HOUSE)}
                AND (f.retrofitted_on IS NULL OR f.retrofitted_on > :today)
                AND CAST(:intensity AS integer) >= CAST(:retrofit_from AS integer)""",
            parameters={"intensity": QUAKE_INTENSITY, "retrofit_from": QUAKE_RETROFIT_FROM},
        ),
    ),
)
