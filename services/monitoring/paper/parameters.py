"""What an area decides about its papers: whether names on public lists are masked, and whom people may call."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType

NAMES_MASKED: Final = "paper.public_names_masked"
KEEP_DAYS: Final = "paper.keep_days"
OFFICE: Final = "paper.office"
OFFICE_TELEPHONE: Final = "paper.office_telephone"
_FROM: Final = date(2013, 1, 1)
_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"
_LINE: Final = re.compile(r"1\d{4}|0\d{2,3}-\d{7,8}")
_NOT_A_LINE: Final = Message(
    "请填写服务热线或带区号的固定电话，如 12317、0915-1234567；公示名单上不印手机号。",
    "Give a hotline or a landline with its area code, such as 12317 or 0915-1234567; a public list bears no mobile.",
)


def is_office_line(value: str) -> bool:
    """Whether ``value`` is a hotline of five digits or a landline: never the mobile of a person."""
    return _LINE.fullmatch(value) is not None


def _line_fault(value: Any) -> Message | None:
    return None if is_office_line(value) else _NOT_A_LINE


DEFINITIONS: Final = (
    Definition(
        NAMES_MASKED,
        ParameterType.BOOLEAN,
        "",
        Message("公示名单姓名中间字是否隐去", "Whether the middle sign of names on public lists is masked"),
        defaults=(Default(value=False, source=_CHOSEN, effective_from=_FROM),),
    ),
    Definition(
        KEEP_DAYS,
        ParameterType.INTEGER,
        "天",
        Message("批量打印文件保存天数", "Days for which a file of papers is kept to be fetched again"),
        defaults=(Default(7, _CHOSEN, _FROM),),
        minimum=1,
        maximum=90,
    ),
    Definition(
        OFFICE,
        ParameterType.TEXT,
        "",
        Message("纸面所印受理单位", "The office that papers name"),
        defaults=(Default("乡镇人民政府（街道办事处）", _CHOSEN, _FROM),),
    ),
    Definition(
        OFFICE_TELEPHONE,
        ParameterType.TEXT,
        "",
        Message("纸面所印受理电话", "The office's telephone on papers"),
        defaults=(Default("12317", "国家防返贫监测热线 12317", _FROM),),
        check=_line_fault,
    ),
)
