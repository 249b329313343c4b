"""Judge a household by every rule at once: errors refuse, doubts are worked off later (clause B12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from chassis.identity_numbers import (
    DisabilityNumber,
    IdentityNumber,
    NumberFault,
)
from chassis.identity_numbers.texts import compacted
from services.monitoring.households.rules.composition import COMPOSITION_RULES
from services.monitoring.households.rules.dates import age_on
from services.monitoring.households.rules.facts import HouseholdFacts, PersonFacts
from services.monitoring.households.rules.finding import Context, Finding, House, HouseholdRule, Severity, Subject
from services.monitoring.households.rules.monitored import MONITORED_RULES
from services.monitoring.households.rules.persons import PERSON_RULES
from services.monitoring.households.rules.risks import told


class CertificateFault(NumberFault):
    LENGTH = (
        "certificate_length",
        "证件号码应为18位身份证号，或20位、22位残疾人证号，请核对位数；表格请先设为文本格式再录入。",
        "A certificate number has 18 signs (identity) or 20 or 22 (disability); check it, and set cells to text first.",
    )


HOUSEHOLD_RULES: Final[tuple[HouseholdRule, ...]] = (*COMPOSITION_RULES, *MONITORED_RULES)
DOUBT_CODES: Final = frozenset(
    {rule.code for rule in PERSON_RULES} | {rule.code for rule in HOUSEHOLD_RULES if rule.severity is Severity.DOUBT}
)
"""Every code that a finding may have."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found; ``errors`` empty means that the record may be stored."""

    errors: tuple[Finding, ...]
    doubts: tuple[Finding, ...]


def judge_household(household: HouseholdFacts, context: Context) -> Judgement:
    """Every finding about a household and its members, members first."""
    house = House(household, tuple(read_person(person, context) for person in household.members))
    found = [
        finding for place, member in enumerate(house.members) for finding in _of_person(member, context, member=place)
    ]
    found += [finding for rule in HOUSEHOLD_RULES for finding in rule.findings(house, context)]
    return _sorted_out(found)


def read_person(person: PersonFacts, context: Context) -> Subject:
    """Read a member's certificate once, whichever of its kinds it is."""
    certificate = _NONE if person.certificate is None else _read_certificate(person.certificate, context)
    number = certificate.number
    born = person.birth_date or (number.birth_date if number else None)
    return Subject(
        facts=person,
        number=number,
        has_disability_number=certificate.is_disability,
        faults=certificate.faults,
        born=born,
        age=age_on(born, context.today) if born is not None and born <= context.today else None,
    )


class _Certificate(NamedTuple):
    number: IdentityNumber | None
    is_disability: bool
    faults: tuple[NumberFault, ...]


_NONE: Final = _Certificate(None, False, ())


def _read_certificate(text: str, context: Context) -> _Certificate:
    today = context.today
    length = len(compacted(text))
    if length in (15, 18):
        read = IdentityNumber.read(text, today=today)
        return _Certificate(None, False, read) if isinstance(read, tuple) else _Certificate(read, False, ())
    if length in (20, 22):
        faults = DisabilityNumber.faults(text, today=today)
        return _Certificate(None if faults else DisabilityNumber.parse(text, today=today).holder, True, faults)
    return _Certificate(None, False, (CertificateFault.LENGTH,))


def _of_person(subject: Subject, context: Context, *, member: int) -> list[Finding]:
    found = [Finding(fault.value, Severity.ERROR, fault.message, "certificate", member) for fault in subject.faults]
    for rule in PERSON_RULES:
        if rule.breaks(subject, context):
            message = told(rule.message, context.thresholds)
            found.append(Finding(rule.code, Severity.DOUBT, message, rule.field, member))
    return found


def _sorted_out(found: Iterable[Finding]) -> Judgement:
    findings = tuple(found)
    return Judgement(
        tuple(finding for finding in findings if finding.severity is Severity.ERROR),
        tuple(finding for finding in findings if finding.severity is Severity.DOUBT),
    )
