"""Every register of the service by its code, in the order in which they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from chassis.database.metadata import rows
from services.monitoring.registers.described import Register, Watched
from services.monitoring.registers.kinds import (
    benefits,
    children,
    chronic,
    contributions,
    disability,
    guardianship,
    houses,
    low_income,
    medical,
    payers,
    quake,
    rehabilitation,
    resettled,
    school,
    student_aid,
    water,
    yulu,
)

_ALL: Final = (
    school.DROPOUT, school.DUTIES, school.VISITS, school.RETURNS,
    houses.HOUSES, houses.REPAIRS, houses.DAMAGE,
    water.SUPPLY, water.ACCESS,
    chronic.CHRONIC,
    student_aid.STUDENT_AID,
    disability.DISABILITY, disability.SERVICES,
    low_income.LOW_INCOME, low_income.NEEDS,
    medical.STAYS, medical.YEARS,
    resettled.RESETTLED,
    contributions.PENSIONS, contributions.INSURANCE,
    benefits.EXTRA, benefits.DISABILITY_BENEFITS,
    children.CHILDREN, benefits.CHILD_ALLOWANCES,
    yulu.YULU,
    quake.QUAKE, rehabilitation.REHABILITATION,
    payers.PAYERS,
)  # fmt: skip

REGISTERS: Final[Mapping[str, Register]] = {one.code: one for one in _ALL}
RECORDED: Final = tuple(one for one in _ALL if one.recorders)
"""Those that people record facts of."""

HEALTH: Final = frozenset(one.code for one in _ALL if one.tells_health)
"""Those that are shown to who has a case to work on, and to nobody else."""

WATCHED: Final[Mapping[str, Register | Watched]] = {
    **REGISTERS,
    guardianship.GUARDIANSHIP.code: guardianship.GUARDIANSHIP,
}
"""Everything whose findings are in `register_finding`: the registers, and what other nouns keep."""

FINDING_CODES: Final = frozenset(rule.code for one in WATCHED.values() for rule in one.findings)
"""Every code that such a finding may have."""


def fed_by(dataset: str) -> tuple[Register, ...]:
    """The registers that a contract's records feed."""
    return tuple(one for one in _ALL if one.feed is not None and dataset in one.feed.datasets)


def judged_with(registers: Iterable[Register]) -> tuple[Register, ...]:
    """``registers``, and those whose findings look at their facts: a repair settles what an appraisal found."""
    given = tuple(registers)
    names = "|".join(rows(one.table).name for one in given)
    looked_at = re.compile(rf"\b({names})\b")
    return tuple(one for one in _ALL if one in given or any(looked_at.search(rule.condition) for rule in one.findings))
