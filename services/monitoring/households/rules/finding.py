"""A rule and what it finds: stable code, the field at fault, and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from chassis.errors import Fault, Message
from chassis.identity_numbers import IdentityNumber, NumberFault
from services.monitoring.households.rules.facts import HouseholdFacts, PersonFacts
from services.monitoring.households.thresholds import Thresholds


class Severity(StrEnum):
    """An error refuses the record; a doubt lets it in and becomes a finding that a cadre works off (domain B12)."""

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


Checked = TypeVar("Checked", Subject, House)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Checked]):
    """One rule: ``check`` names the fields at fault, none if the record keeps it."""

    code: str
    severity: Severity
    message: Message
    clause: str
    check: Callable[[Checked, Context], Iterable[str | tuple[int, str]]]

    def findings(self, checked: Checked, context: Context, *, member: int | None = None) -> list[Finding]:
        found = []
        for place in self.check(checked, context):
            at, name = place if isinstance(place, tuple) else (member, place)
            found.append(Finding(self.code, self.severity, self.said(context.thresholds), name, at))
        return found

    def said(self, thresholds: Thresholds) -> Message:
        """The message with the area's own numbers in it."""
        return Message(self.message.zh.format(t=thresholds), self.message.en.format(t=thresholds))


def person_doubt(
    code: str, field: str, zh: str, en: str, *, clause: str = "domain B12"
) -> Callable[[Callable[[Subject, Context], bool]], Rule[Subject]]:
    """Make a doubt about one ``field`` of a member from a function that says whether it is in doubt."""

    def make(breaks: Callable[[Subject, Context], bool]) -> Rule[Subject]:
        return Rule(
            code,
            Severity.DOUBT,
            Message(zh, en),
            clause,
            lambda subject, context: (field,) if breaks(subject, context) else (),
        )

    return make


def household_rule(
    code: str, zh: str, en: str, *, clause: str = "domain B12", severity: Severity = Severity.DOUBT
) -> Callable[[Callable[[House, Context], Iterable[str | tuple[int, str]]]], Rule[House]]:
    """Make a rule from a function that names the fields at fault: the household's, or ``(member, field)``."""

    def make(check: Callable[[House, Context], Iterable[str | tuple[int, str]]]) -> Rule[House]:
        return Rule(code, severity, Message(zh, en), clause, check)

    return make
