"""The facts that papers are composed of, as the reader of the paper may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.monitoring.paper.parameters import is_office_line


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One member; numbers are masked unless the paper is printed with them whole."""

    name: str
    relation: str
    sex: str
    birth_date: date
    identity_number: str
    phone: str
    national: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """Help that the household gets."""

    kind: str
    started_on: date
    ended_on: date | None
    amount: str


@dataclass(frozen=True, slots=True)
class Office:
    """Where to ask and to complain."""

    name: str
    telephone: str

    def __post_init__(self) -> None:
        if not is_office_line(self.telephone):
            raise ValueError("an office has a hotline or a landline")


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """A household that papers are printed for.

    :param head: name of the householder, or of the first member where nobody is marked as such.
    :param national: values by column of the national contract, as texts; ``MemberFacts.national`` has the members'.
    :param helper_phone: of an officer who is known by that name in the village; else to be written by hand.
    """

    county: str
    town: str
    village: str
    head: str
    address: str
    phone: str
    members: tuple[MemberFacts, ...]
    monitoring_type: str
    reason: str
    registered_on: date | None
    helper: str
    helper_phone: str
    measures: tuple[MeasureFacts, ...]
    office: Office
    national: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """County, town and village, as far as they are known by name."""
        return f"{self.county}{self.town}{self.village}"
