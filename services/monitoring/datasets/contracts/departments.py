"""Name the departments that hand in files or raise clues (clause B11) in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chassis.errors import Message
from services.monitoring.codes.departments import Department

_ENGLISH: Final[Mapping[Department, str]] = {
    Department.MEDICAL: "medical insurance",
    Department.HEALTH: "health",
    Department.EDUCATION: "education",
    Department.DISABILITY: "disabled persons' federation",
    Department.HOUSING: "housing and construction",
    Department.WATER: "water",
    Department.EMERGENCY: "emergency management",
    Department.TRAFFIC: "traffic police",
    Department.LABOUR: "human resources and social security",
    Department.CIVIL: "civil affairs",
    Department.AGRICULTURE: "agriculture and rural affairs",
    Department.FINANCE: "financial institutions",
    Department.SECURITY: "public security",
    Department.JUSTICE: "justice",
    Department.REFORM: "development and reform",
    Department.PETITIONS: "petitions and hotline 12317",
    Department.WOMEN: "women's federation",
    Department.MONITORING: "monitoring itself",
}

DEPARTMENTS: Final[Mapping[str, Message]] = {one.value: Message(one.label, _ENGLISH[one]) for one in Department}
"""The names of every department by its code."""
