"""What the sample county is made of: plain facts, and the rows that departments write about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.security.scope import Role
from services.monitoring.codes.income import IncomeLineKind


@dataclass(frozen=True, slots=True)
class Place:
    """A division of the county."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class SampleOfficer:
    """Somebody of the sample county who may sign in; posts begin before the story does."""

    username: str
    name: str
    role: Role
    region: int
    title: str
    department: str | None = None


@dataclass(slots=True, repr=False)
class Person:
    """One member. ``labour`` and ``stage`` are codes of the registry; ``number`` None where there is none."""

    id: UUID
    name: str
    number: str | None
    born: date
    is_male: bool
    relation: str
    labour: str | None = None
    stage: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Income:
    """One amount in 分 that counts on a day."""

    id: UUID
    kind: IncomeLineKind
    amount_fen: int
    on: date
    person_id: UUID | None = None


class Spoil(StrEnum):
    """What a clerk or a spreadsheet did to a row so that it does not reach its person."""

    DIGITS_LOST = "identity_digits_lost"
    CHECK_DIGIT = "identity_number_check_digit"
    NO_NAME = "required"
    NAME_DIFFERS = "name_differs"
    STRANGER = "person_unknown"
    OTHER_COUNTY = "outside"
    OTHER_PERIOD = "other_period"

    @property
    def fate(self) -> str:
        """The fate of such a row (clause B11); the value is the reason's code."""
        return _FATES[self]


_FATES = {
    Spoil.DIGITS_LOST: "rejected",
    Spoil.CHECK_DIGIT: "rejected",
    Spoil.NO_NAME: "rejected",
    Spoil.NAME_DIFFERS: "unmatched",
    Spoil.STRANGER: "unmatched",
    Spoil.OTHER_COUNTY: "outside",
    Spoil.OTHER_PERIOD: "rejected",
}


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """What a department knows of a person: values by the contract's column names (分, dates, codes).

    :param batch: which of the department's files it stands in, see :mod:`deploy.sample.plans`.
    :param number: the ID number that the row bears; differs from the person's only for a stranger.
    """

    batch: str
    person: Person
    values: Mapping[str, Any]
    number: str
    spoil: Spoil | None = None

    @property
    def dataset(self) -> str:
        return self.batch.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule and whom it is about; ``person_id`` None for a rule about the whole household."""

    rule: str
    person_id: UUID | None = None


@dataclass(slots=True, repr=False)
class Household:
    """One household with all that is told about it.

    :param fires: what its story is meant to raise; ``silent``: rule and the reason why it must not fire.
    """

    index: int
    id: UUID
    region: int
    is_lifted: bool
    is_resettled: bool
    persons: list[Person]
    incomes: list[Income] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    fires: set[Firing] = field(default_factory=set)
    silent: list[tuple[Firing, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """What the registry takes to register it."""
        return {
            "id": str(self.id),
            "region": f"{self.region:012d}",
            "is_lifted": self.is_lifted,
            "is_resettled": self.is_resettled,
            "members": [_member(person) for person in self.persons],
        } | self.more


def _member(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(person.id), "name": person.name, "relation": person.relation}
    if person.number is None:
        told |= {"birth_date": person.born.isoformat(), "sex": "1" if person.is_male else "2"}
    else:
        told["identity_number"] = person.number
    if person.labour is not None:
        told["labour_skill"] = person.labour
    if person.stage is not None:
        told["school_stage"] = person.stage
    return told | person.more
