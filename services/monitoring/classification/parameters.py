"""What an area calls the types of monitored households, from which day on: names are dated data (clause X-37)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from chassis.parameters.reader import ParameterBook
from services.monitoring.codes.monitoring import MonitoringType

TYPE_LABELS: Final = "classification.type_labels"
_AS_LISTED: Final = [f"{one.value} {one.label}" for one in MonitoringType]
_ITEM: Final = re.compile(r"([123]) ([\u4e00-\u9fff（）、]{2,20})")
_FAULT: Final = Message(
    "请为每一类各写一项，如“1 脱贫不稳定户”，名称为 2 至 20 个汉字。",
    "Name each type once, such as 1 脱贫不稳定户, in 2 to 20 Chinese characters.",
)


def type_labels(book: ParameterBook, *, region: int, on: date) -> Mapping[MonitoringType, str]:
    """What each type was called in ``region`` on a day."""
    return _read(book.items(TYPE_LABELS, region=region, on=on))


def _read(items: Any) -> dict[MonitoringType, str]:
    found = [_ITEM.fullmatch(item) for item in items]
    return {MonitoringType(one[1]): one[2] for one in found if one is not None}


def _labels_fault(value: Any) -> Message | None:
    return None if len(value) == len(MonitoringType) and len(_read(value)) == len(MonitoringType) else _FAULT


DEFINITIONS: Final = (
    Definition(
        TYPE_LABELS,
        ParameterType.LIST,
        "",
        Message("监测对象类别名称", "What the types of monitored households are called"),
        defaults=(Default(_AS_LISTED, MonitoringType.note.source, date(2013, 1, 1)),),
        check=_labels_fault,
    ),
)
