"""A rule and what it finds: stable code, the field at fault, and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from chassis.errors import Fault, Message
from chassis.identity_numbers import IdentityNumber, NumberFault
from services.monitoring.households.rules.facts import HouseholdFacts, PersonFacts
from services.monitoring.households.rules.risks import told
from services.monitoring.households.thresholds import Thresholds


class Severity(StrEnum):
    """An error refuses the record; a doubt lets it in and becomes a finding that a cadre works off (clause B12)."""

    ERROR = "error"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a record breaks.

    :param field: the member's or the household's field, as the record names it.
    :param member: place of the member in the record, None for the household itself.
    """

    code: str
    severity: Severity
    message: Message
    field: str
    member: int | None = None

    @property
    def pointer(self) -> str:
        """RFC 6901, into a household's document."""
        return f"/{self.field}" if self.member is None else f"/members/{self.member}/{self.field}"

    def as_fault(self) -> Fault:
        return Fault(self.pointer, self.code, self.message)


@dataclass(frozen=True, slots=True)
class Context:
    """What judging needs beside the record: the business date, the area's thresholds, the counties it knows.

    :param known_areas: six-digit counties, present and past, of this installation; beside the published ones.
    """

    today: date
    thresholds: Thresholds
    known_areas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """A member with what was read from its certificate, once.

    :param number: None if there is no certificate or it has ``faults``.
    :param born: by the record, else by the number. ``age``: full years today, None if unknown or not yet born.
    """

    facts: PersonFacts
    number: IdentityNumber | None = None
    has_disability_number: bool = False
    faults: tuple[NumberFault, ...] = ()
    born: date | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class House:
    """A household with its members read."""

    facts: HouseholdFacts
    members: tuple[Subject, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PersonRule:
    """A doubt about one ``field`` of a member, if ``breaks`` says so."""

    code: str
    field: str
    message: Message
    clause: str
    breaks: Callable[[Subject, Context], bool]


@dataclass(frozen=True, slots=True)
class HouseholdRule:
    """``check`` names the fields at fault: the household's, or ``(member, field)``; none if the rule is kept."""

    code: str
    severity: Severity
    message: Message
    clause: str
    check: Callable[[House, Context], Iterable[str | tuple[int, str]]]

    def findings(self, house: House, context: Context) -> list[Finding]:
        message = None
        found = []
        for place in self.check(house, context):
            message = message or told(self.message, context.thresholds)
            member, name = place if isinstance(place, tuple) else (None, place)
            found.append(Finding(self.code, self.severity, message, name, member))
        return found


def person_doubt(
    code: str, field: str, zh: str, en: str, *, clause: str = "条款 B12 / clause B12"
) -> Callable[[Callable[[Subject, Context], bool]], PersonRule]:
    """Make a doubt about a member's ``field`` from a function that says whether it is in doubt."""
    return lambda breaks: PersonRule(code, field, Message(zh, en), clause, breaks)


def household_rule(
    code: str, zh: str, en: str, *, clause: str = "条款 B12 / clause B12", severity: Severity = Severity.DOUBT
) -> Callable[[Callable[[House, Context], Iterable[str | tuple[int, str]]]], HouseholdRule]:
    """Make a rule from a function that names the fields at fault."""
    return lambda check: HouseholdRule(code, severity, Message(zh, en), clause, check)
