"""Who cares for a left-behind child in an area (5个1, clause H-23), and from which age people are old (P-08)."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.codes.visits import CarerKind

CARER_KINDS: Final = "attention.carer_kinds"
OLD_YEARS: Final = "attention.disabled_elder_min_years"
DEFINITIONS: Final = (
    Definition(
        CARER_KINDS,
        ParameterType.LIST,
        "",
        Message("留守儿童应有的关爱人类别", "Kinds of carers that a left-behind child has"),
        choices=tuple(str(kind) for kind in CarerKind),
        defaults=(
            Default(
                [str(kind) for kind in CarerKind],
                "湖北2019年稳定脱贫意见；条款 H-23 / clause H-23",
                date(2019, 10, 14),
            ),
        ),
    ),
    Definition(
        OLD_YEARS,
        ParameterType.INTEGER,
        "岁",
        Message("失能老年人起始年龄", "Age from which who needs lasting care is a disabled elder"),
        minimum=0,
        maximum=150,
        defaults=(Default(60, "老年人权益保障法 第二条；条款 P-08 / clause P-08", date(2013, 7, 1)),),
    ),
)
