"""Declare the parameter that says how long handed-in files are kept; every service that takes files lists it."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType

KEEP_IMPORTS_DAYS: Final = Definition(
    "files.keep_days.imports",
    ParameterType.INTEGER,
    "天",
    Message("导入文件的保存天数", "Days for which imported files are kept"),
    minimum=1,
    maximum=3650,
    defaults=(Default(180, "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it", date(2013, 1, 1)),),
)
