"""Put records before the rules, as handed in or as they stand, and sort the answer into refusals and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from chassis.errors import Fault, Message
from chassis.security.vault import Vault
from services.monitoring.codes.monitoring import HouseholdKind
from services.monitoring.codes.persons import Education, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage
from services.monitoring.households.doubts import Doubt
from services.monitoring.households.numbers import open_sealed
from services.monitoring.households.rules.composition import COMPOSITION_RULES
from services.monitoring.households.rules.facts import HouseholdFacts, MonitoringFacts, PersonFacts
from services.monitoring.households.rules.finding import Context, Finding
from services.monitoring.households.rules.judgement import judge_household
from services.monitoring.households.rules.monitored import MONITORED_RULES
from services.monitoring.households.rules.persons import PERSON_RULES
from services.monitoring.households.rules.support import NONE, Support
from services.monitoring.households.schemas import HouseholdCreate, PersonCreate
from services.monitoring.households.thresholds import Thresholds

_NEEDS_BIRTH = Message("没有身份证号时必须填写出生日期。", "Without an ID number the birth date is required.")
_NEEDS_SEX = Message("没有身份证号时必须填写性别。", "Without an ID number the sex is required.")
_NEEDS_REASON = Message("没有身份证号时必须说明原因。", "Without an ID number the reason for its absence is required.")
_COUNTY: Final = 10**6
_NO_SUPPORT: Final[Mapping[UUID, Support]] = MappingProxyType({})

_FIELDS: Final = {
    "certificate": "identity_number",
    "insured": "is_insured",
    "cultivated_land_mu": "land_mu_hundredths",
}
"""What the API calls the fields that the rules name otherwise."""

AS_HANDED_IN: Final = frozenset({"certificate_former", "birth_date_differs", "sex_differs"})
"""Doubts about what was handed in; the record as it stands cannot show them, so it cannot show them gone either."""

STANDING: Final = frozenset(rule.code for rule in (*PERSON_RULES, *COMPOSITION_RULES)) - AS_HANDED_IN
"""Codes of the doubts that the record as it stands shows."""

MONITORED: Final = frozenset(rule.code for rule in MONITORED_RULES)
"""Codes of the doubts about a household's monitoring; they are judged when a source speaks of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a household."""

    errors: tuple[Fault, ...]
    doubts: tuple[Finding, ...]

    def doubts_of(self, members: Sequence[Any]) -> list[Doubt]:
        """The doubts, with the ``id`` of each member that one is about."""
        return [
            Doubt(
                Fault(f"/{_FIELDS.get(doubt.field, doubt.field)}", doubt.code, doubt.message),
                _id_of(members, doubt.member),
            )
            for doubt in self.doubts
        ]


def judge_registration(
    body: HouseholdCreate,
    *,
    today: date,
    thresholds: Thresholds,
    known_areas: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge a household that is about to be registered.

    :param known_areas: six-digit counties that count as known beside the household's own.
    """
    context = _context(body.region, known_areas, today=today, thresholds=thresholds)
    judgement = judge_household(facts_of(body), context)
    errors = [_fault(finding) for finding in judgement.errors]
    for place, member in enumerate(body.members):
        errors += missing_of(member, f"/members/{place}")
    return Verdict(tuple(errors), judgement.doubts)


def judge_standing(
    household: Any,
    members: Sequence[Any],
    vault: Vault,
    *,
    today: date,
    thresholds: Thresholds,
    known_areas: frozenset[str] = frozenset(),
    monitoring: MonitoringFacts | None = None,
    support: Mapping[UUID, Support] = _NO_SUPPORT,
) -> Verdict:
    """Judge a household as it stands.

    :param members: rows of its living members. ``known_areas``: as in :func:`judge_registration`.
    :param monitoring: its latest monitoring, where that is to be judged too.
    :param support: what its members get, as registers tell.
    """
    land = household.land_mu_hundredths
    facts = HouseholdFacts(
        kind=HouseholdKind.LIFTED if household.is_lifted else HouseholdKind.ORDINARY,
        members=tuple(_standing_person(member, vault, support.get(member.id, NONE)) for member in members),
        cultivated_land_mu=None if land is None else Decimal(land) / 100,
        monitoring=monitoring,
    )
    context = _context(household.region, known_areas, today=today, thresholds=thresholds)
    judgement = judge_household(facts, context)
    return Verdict(tuple(_fault(finding) for finding in judgement.errors), judgement.doubts)


def facts_of(body: HouseholdCreate) -> HouseholdFacts:
    """A registration as the rules see it."""
    land = None if body.land_mu_hundredths is None else Decimal(body.land_mu_hundredths) / 100
    return HouseholdFacts(
        kind=HouseholdKind.LIFTED if body.is_lifted else HouseholdKind.ORDINARY,
        members=tuple(_person(member) for member in body.members),
        cultivated_land_mu=land,
    )


def missing_of(member: PersonCreate, pointer: str) -> list[Fault]:
    """What a member without an ID number has to say instead."""
    if member.identity_number is not None:
        return []
    needed = (
        ("birth_date", member.birth_date, _NEEDS_BIRTH),
        ("sex", member.sex, _NEEDS_SEX),
        ("no_number_reason", member.no_number_reason, _NEEDS_REASON),
    )
    return [Fault(f"{pointer}/{name}", "missing", message) for name, value, message in needed if value is None]


def _context(region: int, known_areas: frozenset[str], *, today: date, thresholds: Thresholds) -> Context:
    own = f"{region // _COUNTY:06d}"
    return Context(today=today, thresholds=thresholds, known_areas=known_areas | {own})


def _id_of(members: Sequence[Any], place: int | None) -> UUID | None:
    return None if place is None else members[place].id


def _fault(finding: Finding) -> Fault:
    return replace(finding, field=_FIELDS.get(finding.field, finding.field)).as_fault()


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


def _standing_person(row: Any, vault: Vault, support: Support) -> PersonFacts:
    disability = open_sealed(vault, row.disability_number, column="disability_number", row=row.id)
    identity = open_sealed(vault, row.identity_number, column="identity_number", row=row.id)
    return PersonFacts(
        relation=Relation(row.relation),
        certificate=disability or identity,
        birth_date=row.birth_date,
        sex=Sex(row.sex),
        education=None if row.education is None else Education(row.education),
        school_stage=None if row.school_stage is None else SchoolStage(row.school_stage),
        labour_skill=None if row.labour_skill is None else LabourSkill(row.labour_skill),
        health=frozenset(map(Health, row.health)),
        insured=row.is_insured,
        is_destitute=support.is_destitute,
        gets_yulu=support.gets_yulu,
    )
