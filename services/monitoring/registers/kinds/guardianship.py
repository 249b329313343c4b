"""监护核查: what is amiss when the last check of somebody's guardianship found it not enough (H-22).

Checks are kept by :mod:`services.monitoring.attention`, which opens and closes the finding as they come.
"""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.registers.described import FindingRule, Watched
from services.monitoring.registers.thresholds import ADULT_YEARS

_AGE_ON: Final = "extract(year FROM age({}, p.birth_date))"

INADEQUATE: Final = FindingRule(
    code="guardianship_inadequate",
    label=Message("监护缺失或不到位", "No guardian, or guardianship that is not enough"),
    duty="civil",
    # Who has come of age since needs no guardian; an elder who was checked as one stays.
    condition=f"""NOT f.is_adequate
        AND ({_AGE_ON.format("CAST(:today AS date)")} < :adult OR {_AGE_ON.format("f.checked_on")} >= :adult)""",
    parameters={"adult": ADULT_YEARS},
)

GUARDIANSHIP: Final = Watched(code="guardianship", findings=(INADEQUATE,), guards_children=True)
