"""Say who acts, in which post, and over which area; an area is one range of division codes.

A division code has twelve digits: province 2, city 4, county 6, town 9, village 12 significant ones (GB/T 2260 and the
statistical codes below it), so everything that a division contains lies in one range of integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final, Self
from uuid import UUID

_CODE_MAX: Final = 10**12 - 1


class Level(IntEnum):
    """行政层级, with the number of significant digits as value."""

    NATION = 0
    PROVINCE = 2
    CITY = 4
    COUNTY = 6
    TOWN = 9
    VILLAGE = 12


def level_of(region: int) -> Level:
    """The level that a division code names, read off its trailing zeros.

    :raises ValueError: if it is no positive code of twelve digits.
    """
    if not 10**11 <= region <= _CODE_MAX:
        raise ValueError("a division code has twelve digits")
    for level in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN):
        if region % 10 ** (12 - level) == 0:
            return level
    return Level.VILLAGE


@dataclass(frozen=True, slots=True)
class Area:
    """A closed range of division codes. Empty ranges cannot be made: no area means no rows, never all of them."""

    lo: int
    hi: int

    def __post_init__(self) -> None:
        if not 0 <= self.lo <= self.hi <= _CODE_MAX:
            raise ValueError("an area is a range of division codes")

    @classmethod
    def of(cls, region: int) -> Self:
        """Everything that the division ``region`` contains, itself included."""
        return cls(region, region + 10 ** (12 - level_of(region)) - 1)

    @classmethod
    def everywhere(cls) -> Self:
        """The whole country: for the platform's own loops (relay, sealer), never for a person's request."""
        return cls(0, _CODE_MAX)

    def contains(self, region: int) -> bool:
        return self.lo <= region <= self.hi

    def covers(self, other: Area) -> bool:
        return self.lo <= other.lo and other.hi <= self.hi


class Role(StrEnum):
    """A post's kind (clause F1). The three administrators are apart: none of them sees or changes business data."""

    PROVINCE_OFFICER = "province_officer"
    CITY_OFFICER = "city_officer"
    COUNTY_OFFICER = "county_officer"
    TOWN_OFFICER = "town_officer"
    VILLAGE_CADRE = "village_cadre"
    GRID_WORKER = "grid_worker"
    DEPARTMENT_CLERK = "department_clerk"
    AUDITOR = "auditor"
    PUBLIC_READER = "public_reader"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"
    PROGRAM = "program"  # a job, a consumer or a sweep that acts for the platform in one area


ROLE_LABELS: Final = {
    Role.PROVINCE_OFFICER: "省级干部",
    Role.CITY_OFFICER: "市级干部",
    Role.COUNTY_OFFICER: "县级干部",
    Role.TOWN_OFFICER: "乡镇干部",
    Role.VILLAGE_CADRE: "驻村干部",
    Role.GRID_WORKER: "网格员",
    Role.DEPARTMENT_CLERK: "行业部门经办",
    Role.AUDITOR: "审计人员",
    Role.PUBLIC_READER: "公众",
    Role.SYSTEM_ADMINISTRATOR: "系统管理员",
    Role.SECURITY_ADMINISTRATOR: "安全管理员",
    Role.AUDIT_ADMINISTRATOR: "审计管理员",
    Role.PROGRAM: "系统程序",
}

OFFICERS: Final = frozenset({Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER, Role.TOWN_OFFICER})
"""Officers of the levels above the village."""

FIELD: Final = frozenset({Role.VILLAGE_CADRE, Role.GRID_WORKER})
"""Who works in the village."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """任职: one post of one person: a role over one division, between dates, perhaps standing in for somebody.

    :param department: code of the department (``medical_insurance``, …) for a department's clerk, else None.
    :param starts_on: first day of the post; ``ends_on``: last day, None while open.
    :param stands_in_for: subject of the officer whose post this person holds for the time, else None.
    """

    id: UUID
    role: Role
    region: int
    department: str | None = None
    starts_on: date = date.min
    ends_on: date | None = None
    stands_in_for: str | None = None

    @property
    def area(self) -> Area:
        """What the post reaches. A program's may be the whole country (:data:`PLATFORM`); no person's is."""
        return area_of(self.region) if self.role is Role.PROGRAM else Area.of(self.region)

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, in exactly one assignment: one request, one range.

    :param subject: the person's stable id at the token's issuer; no name, no ID number.
    """

    subject: str
    assignment: Assignment

    @property
    def role(self) -> Role:
        return self.assignment.role

    @property
    def area(self) -> Area:
        return self.assignment.area

    @property
    def department(self) -> str | None:
        return self.assignment.department

    @property
    def works_for(self) -> tuple[str, ...]:
        """Subjects whose work is the actor's in this assignment: the own, and that of whom it stands in for."""
        stood_in = self.assignment.stands_in_for
        return (self.subject,) if stood_in is None else (self.subject, stood_in)


PLATFORM: Final = 0
"""The region of a job or an event that belongs to the whole deployment; no officer's area holds it."""

PROGRAM_ASSIGNMENT: Final = UUID(int=0)


def area_of(region: int) -> Area:
    """The area that a job or an event of ``region`` works in."""
    return Area.everywhere() if region == PLATFORM else Area.of(region)


def program(name: str, region: int) -> Actor:
    """The actor of a job, a consumer or a sweep named ``name``, bound to the area of its job or event."""
    return Actor(f"program:{name}", Assignment(PROGRAM_ASSIGNMENT, Role.PROGRAM, region))


@dataclass(frozen=True, slots=True)
class Permission:
    """The right to do one thing, and the roles that carry it."""

    name: str
    roles: frozenset[Role]

    def allows(self, role: Role) -> bool:
        return role in self.roles or role is Role.PROGRAM
