"""5个1: which kinds of carers a left-behind child has in an area (clause H-23)."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.codes.visits import CarerKind

CARER_KINDS: Final = "attention.carer_kinds"
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
)
