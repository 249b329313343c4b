"""Put what was handed in before the rules, and sort what they say into refusals and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chassis.errors import Fault, Message
from services.monitoring.codes.monitoring import HouseholdKind
from services.monitoring.codes.persons import Sex
from services.monitoring.households.findings import Doubt
from services.monitoring.households.rules.facts import HouseholdFacts, PersonFacts
from services.monitoring.households.rules.finding import Context, Finding
from services.monitoring.households.rules.judgement import judge_household
from services.monitoring.households.schemas import HouseholdCreate, PersonCreate
from services.monitoring.households.thresholds import Thresholds

if TYPE_CHECKING:
    from services.monitoring.households.actions.register import NewPerson

_NEEDS_BIRTH = Message("没有身份证号时必须填写出生日期。", "Without an ID number the birth date is required.")
_NEEDS_SEX = Message("没有身份证号时必须填写性别。", "Without an ID number the sex is required.")
_NEEDS_REASON = Message("没有身份证号时必须说明原因。", "Without an ID number the reason for its absence is required.")
_TWICE = Message("同一证件号在本户出现两次。", "The same ID number stands twice in this household.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a registration."""

    errors: tuple[Fault, ...]
    doubts: tuple[Finding, ...]

    def doubts_of(self, members: Sequence[NewPerson]) -> list[Doubt]:
        """The doubts, with the ids that the members were given."""
        return [
            Doubt(doubt.as_fault(), None if doubt.member is None else members[doubt.member].id) for doubt in self.doubts
        ]


def judge_registration(body: HouseholdCreate, *, today: date, thresholds: Thresholds) -> Verdict:
    """Judge a household that is about to be registered."""
    judgement = judge_household(facts_of(body), Context(today=today, thresholds=thresholds))
    errors = [finding.as_fault() for finding in judgement.errors]
    for place, member in enumerate(body.members):
        errors += _missing(member, f"/members/{place}")
    errors += _repeated(body.members)
    return Verdict(tuple(errors), judgement.doubts)


def facts_of(body: HouseholdCreate) -> HouseholdFacts:
    """A registration as the rules see it."""
    land = None if body.land_mu_hundredths is None else Decimal(body.land_mu_hundredths) / 100
    return HouseholdFacts(
        kind=HouseholdKind.LIFTED if body.is_lifted else HouseholdKind.ORDINARY,
        members=tuple(_person(member) for member in body.members),
        cultivated_land_mu=land,
    )


def _person(member: PersonCreate) -> PersonFacts:
    number = member.disability_number or member.identity_number
    return PersonFacts(
        relation=member.relation,
        certificate=number.value if number else None,
        birth_date=member.birth_date,
        sex=Sex(member.sex) if member.sex else None,
        education=member.education,
        school_stage=member.school_stage,
        labour_skill=member.labour_skill,
        health=frozenset(member.health),
        insured=member.is_insured,
    )


def _missing(member: PersonCreate, pointer: str) -> list[Fault]:
    if member.identity_number is not None:
        return []
    needed = (
        ("birth_date", member.birth_date, _NEEDS_BIRTH),
        ("sex", member.sex, _NEEDS_SEX),
        ("no_number_reason", member.no_number_reason, _NEEDS_REASON),
    )
    return [Fault(f"{pointer}/{name}", "missing", message) for name, value, message in needed if value is None]


def _repeated(members: Sequence[PersonCreate]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for place, member in enumerate(members):
        number = member.identity_number
        if number is not None:
            if number.value in seen:
                faults.append(Fault(f"/members/{place}/identity_number", "identity_number_twice", _TWICE))
            seen.add(number.value)
    return faults
