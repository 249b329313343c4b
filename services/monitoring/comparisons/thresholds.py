"""What an area compares, and who needs no comparison any more, as parameters of the area."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.comparisons.facts import facts

FACTS: Final = "comparisons.facts"
"""The facts that are asked about; each names its department, so this also says which departments are asked."""

ALREADY_COMPARED: Final = "comparisons.already_compared"
"""Kinds of aid whose granting rests on a comparison by civil affairs: who has one is not compared again."""

_FIRST_DAY: Final = date(2013, 1, 1)
_AID_KINDS: Final = ("subsistence", "destitute", "marginal", "expenditure")
_ASKED: Final = tuple(code for code in facts() if code not in ("water.supply", "agriculture.losses", "education.costs"))

DEFINITIONS: Final = (
    Definition(
        FACTS,
        ParameterType.LIST,
        "",
        Message("部门比对事项", "Facts that departments are asked about"),
        minimum=1,
        choices=tuple(facts()),
        defaults=(
            Default(
                list(_ASKED),
                "条款 B8；平台暂定，以本地规定为准 / clause B8; chosen here; an area's own row replaces it",
                _FIRST_DAY,
            ),
        ),
    ),
    Definition(
        ALREADY_COMPARED,
        ParameterType.LIST,
        "",
        Message("已由民政核对、不再比对的救助类别", "Kinds of aid whose holders were compared already"),
        choices=_AID_KINDS,
        defaults=(
            Default(
                ["subsistence", "destitute"],
                "条款 B8（如低保）；以本地规定为准 / clause B8; an area's own row replaces it",
                _FIRST_DAY,
            ),
        ),
    ),
)
