"""How often a county looks at what is due to its people."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType

SCHEDULE_DAYS: Final = "entitlements.schedule_days"
DEFINITIONS: Final = (
    Definition(
        SCHEDULE_DAYS,
        ParameterType.INTEGER,
        "天",
        Message("应享政策定期核对间隔", "Days between looks at what is due to people"),
        minimum=1,
        maximum=366,
        defaults=(
            Default(10, "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it", date(2021, 1, 1)),
        ),
    ),
)
