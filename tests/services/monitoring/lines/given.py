"""The lines of 云岭县 as the rules are given them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.monitoring.codes.monitoring import Rule60
from services.monitoring.lines.rules import (
    BaseLine,
    CountyIncome,
    Rule60Setting,
    effective_line,
)

YUNLING = 610999000000

PROVINCE = 610000000000


BASE = [
    BaseLine(UUID(int=1), PROVINCE, 7_500_00, date(2024, 1, 1), date(2024, 12, 31), "省 2024"),
    BaseLine(UUID(int=2), PROVINCE, 8_000_00, date(2025, 1, 1), None, "省 2025"),
]

INCOMES = [
    CountyIncome(UUID(int=3), YUNLING, 2023, 13_200_00, date(2024, 1, 1), date(2024, 12, 31), "县 2023"),
    CountyIncome(UUID(int=4), YUNLING, 2024, 14_300_00, date(2025, 1, 1), None, "县 2024"),
]

SETTING = Rule60Setting(UUID(int=5), YUNLING, Rule60.REGISTER, 60, date(2021, 5, 24), None, "县 60%")


JUNE = date(2024, 6, 13)


def line_on(day, mode=Rule60.REGISTER):
    return effective_line(
        county=YUNLING, on=day, base_lines=BASE, incomes=INCOMES, settings=[replace(SETTING, mode=mode)]
    )
