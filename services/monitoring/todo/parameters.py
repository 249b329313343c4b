"""How far ahead a to-do list looks, and how long what has no due of its own may wait; each area's own dated rows."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType

AHEAD_DAYS: Final = "todo.ahead_days"
ANSWER_DAYS: Final = "todo.answer_days"
FINDING_DAYS: Final = "todo.finding_days"


def _days(key: str, zh: str, en: str, value: int) -> Definition:
    chosen = Default(value, "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it", date(2021, 1, 1))
    return Definition(key, ParameterType.INTEGER, "天", Message(zh, en), minimum=0, maximum=366, defaults=(chosen,))


DEFINITIONS: Final = (
    _days(AHEAD_DAYS, "待办提前几天列出", "Days before its due at which a visit, a consent or help is listed", 14),
    _days(ANSWER_DAYS, "来件答复天数", "Days in which a report, a transfer, a clash or a form is answered", 3),
    _days(FINDING_DAYS, "问题整改天数", "Days in which a finding or a gap is seen to", 10),
)
